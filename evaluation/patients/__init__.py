"""How patients answer: whether, when, what they tick, and what they do when an entry is asked about."""
