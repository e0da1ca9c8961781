"""Changes that touch several subjects at once."""
