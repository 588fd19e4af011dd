"""Completion scripts, one shell a module: each renders the command tree into the shell's own language."""
