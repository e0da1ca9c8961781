"""What is done to the skin, why, in which series, and what to avoid afterwards."""
