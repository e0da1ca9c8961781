"""The figures as pages of tables."""
