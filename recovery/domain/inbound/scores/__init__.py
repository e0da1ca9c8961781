"""The scores in a text."""
