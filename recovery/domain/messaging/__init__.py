"""Texts to patients: which, when, whether they may go out, and how each ends."""
