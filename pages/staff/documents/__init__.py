"""Documents for staff: the list, one document in its drawer, and the form for the next one."""
