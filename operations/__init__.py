"""How the installation stands: its workers, its incidents, and who is told of them."""
