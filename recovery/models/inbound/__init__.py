"""What patients wrote."""
