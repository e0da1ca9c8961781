"""Statements that read across subjects."""
