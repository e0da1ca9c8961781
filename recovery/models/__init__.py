"""SQLAlchemy tables and their queries. They take a session and never commit."""
