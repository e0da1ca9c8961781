"""Follow-up tasks: opened, listed, done."""
