"""What screens are made of. Data in, messages out: no widget asks the log."""
