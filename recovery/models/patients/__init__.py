"""Patients, their consents and consultations."""
