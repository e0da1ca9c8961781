"""The installation: its workers, its incidents, its figures."""
