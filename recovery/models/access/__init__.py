"""Codes, invitations and counts of tries."""
