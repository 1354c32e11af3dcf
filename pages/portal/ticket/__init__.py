"""What only tickets have: their request forms, and all that stands in a ticket's drawer."""
