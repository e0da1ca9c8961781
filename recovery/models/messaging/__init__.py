"""The outbox: texts planned, claimed, sent and answered for."""
