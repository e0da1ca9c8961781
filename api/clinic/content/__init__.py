"""What the clinic says and expects."""
