"""Patients: enrolled, found, changed."""
