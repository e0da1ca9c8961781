"""Follow-up tasks and what is to be read."""
