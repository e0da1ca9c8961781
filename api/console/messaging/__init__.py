"""The texts of one patient."""
