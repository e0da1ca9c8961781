"""The nurses' queue."""
