"""The portal's rules as plain Python: who may do what, how tickets move, what a clock says, what money is."""
