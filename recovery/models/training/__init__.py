"""Practice weeks."""
