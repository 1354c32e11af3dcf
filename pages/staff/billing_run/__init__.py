"""A billing run in one zip: handed in, looked at, imported."""
