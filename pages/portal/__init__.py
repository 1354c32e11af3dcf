"""What customers see; staff see the same lists over the accounts they work for."""
