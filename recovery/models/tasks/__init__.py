"""Follow-up tasks."""
