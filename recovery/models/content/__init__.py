"""A clinic's own protocols, wordings, pages and hours, and what was signed."""
