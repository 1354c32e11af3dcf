"""Help: guides, policies, answers and the accounts' own papers."""
