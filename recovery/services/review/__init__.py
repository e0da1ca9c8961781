"""The worker's part: reports, silence and overdue flags are brought to somebody."""
