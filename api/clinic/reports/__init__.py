"""Photos of reports."""
