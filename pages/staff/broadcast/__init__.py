"""What staff tell customers: notices, one page for all that is sent to many."""
