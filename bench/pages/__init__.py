"""Pages that only the benchmark's server has; the shell around them is the portal's own."""
