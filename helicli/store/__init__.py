"""SQLite and nothing else: opening, migrating, and reading and writing rows by key."""
