"""What each upstream speaks: a registry of providers and pure readers of their bytes."""
