"""The queue, working a flag, and complications."""
