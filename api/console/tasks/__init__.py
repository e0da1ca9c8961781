"""Follow-up and what is to be read."""
