"""Settings: one module per card, and the page that puts them together."""
