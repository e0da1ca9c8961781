"""How well a clinic's own curves are learnt, and what a draft would miss."""
