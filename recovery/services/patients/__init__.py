"""Enrolling, importing and finding patients."""
