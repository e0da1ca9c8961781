"""Setting up, people, figures."""
