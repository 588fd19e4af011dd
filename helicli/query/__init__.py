"""Questions asked of the store: what was chosen, found, followed and summed. Never writes."""
