"""The embedded PostgreSQL: found, made, started, joined and stopped."""
