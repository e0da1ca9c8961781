"""What a clinic says and expects: understood, replaced by its own, signed."""
