"""What the bank wrote: its files, and the lines that wait for a person."""
