"""Treatments and the series they belong to."""
