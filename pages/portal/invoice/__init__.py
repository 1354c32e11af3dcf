"""One invoice: what its drawer shows."""
