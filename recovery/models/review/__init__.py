"""What a batch of reports or silent check-ins is about."""
