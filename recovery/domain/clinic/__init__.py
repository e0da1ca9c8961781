"""The clinic: its hours, its staff, and what it needs before it goes live."""
