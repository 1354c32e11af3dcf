"""Who may touch what in the database: roles, helper functions, policies and grants, applied after each migration."""
