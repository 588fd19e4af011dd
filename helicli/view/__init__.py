"""How things look in a terminal: safe text, colour roles, lines and pages. Never prints."""
