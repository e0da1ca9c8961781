"""Treatments and series."""
