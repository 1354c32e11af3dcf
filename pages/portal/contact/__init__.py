"""Contact us: the map of the data centers, and whom to call at each."""
