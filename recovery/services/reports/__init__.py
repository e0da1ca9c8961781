"""A report is kept, judged and answered."""
