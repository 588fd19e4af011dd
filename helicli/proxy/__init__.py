"""The write path: moves bytes between client and provider, decides, and appends each exchange to the journal."""
