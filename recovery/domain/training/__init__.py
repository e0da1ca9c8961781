"""Practising with a patient who is none."""
