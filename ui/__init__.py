"""What pages are made of: words, numbers, charts, building blocks, lists and forms."""
