"""Sites, legal entities and service targets for the administrator."""
