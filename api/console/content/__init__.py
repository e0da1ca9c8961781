"""The expected course and the wordings."""
