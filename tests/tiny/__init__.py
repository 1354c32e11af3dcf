"""A small page behind everything that stands in front of the real ones; only the holder of this token is signed in."""

ANAS_TOKEN = "ana" * 15
