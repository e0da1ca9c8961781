"""Labelled texts, and how well the reader of texts understands them."""
