"""Accounts for staff: the list, one account in its drawer, and the forms that change it."""
