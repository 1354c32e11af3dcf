"""People for the administrator: the list, and what can be done about one of them."""
