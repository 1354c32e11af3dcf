"""Access rights: the people of an account, and what each may do where."""
