"""The journal made into rows: the only writer of the database."""
