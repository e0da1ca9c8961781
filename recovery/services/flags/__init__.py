"""A nurse works a flag."""
