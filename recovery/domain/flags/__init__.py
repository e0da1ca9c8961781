"""The life of a flag, from opened to resolved."""
