"""What a clinic's figures are summed up from, and the days of it that are kept."""
