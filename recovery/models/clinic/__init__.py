"""Clinics and their staff."""
