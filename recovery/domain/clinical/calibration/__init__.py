"""How well the bands fit what a clinic's patients report."""
