"""What stands around every page: signing in, the header, the navigation, and the boundary where errors end."""
