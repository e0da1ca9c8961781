"""Simulated courses, and how well the rules do on them. Knows the domain only."""
