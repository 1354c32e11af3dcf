"""Signing in: proving who somebody is, and remembering it in a session of our own."""
