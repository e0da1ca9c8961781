"""Setting a clinic up, and the people who work there."""
