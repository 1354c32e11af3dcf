"""Everything that is stored: tables, who may see their rows, reads and commands. PostgreSQL holds the truth."""
