"""The log on the full screen: calls, one call, analytics. Never prints, never writes to the log."""
