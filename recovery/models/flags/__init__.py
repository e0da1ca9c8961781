"""Flags, what they were closed as, complications, and the rows of the queue."""
