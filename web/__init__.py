"""Plain HTTP around the pages: routes of our own, and what stands in front of every request."""
