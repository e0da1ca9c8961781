"""The outbox: planning texts, sending them, settling what is in doubt."""
