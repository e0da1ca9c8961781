"""A patient's whole record on one page."""
