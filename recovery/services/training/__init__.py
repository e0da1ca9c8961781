"""A practice week."""
