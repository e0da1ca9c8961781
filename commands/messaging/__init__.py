"""Commands about texts."""
