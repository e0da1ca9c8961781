"""Pictures of skin: read safely, made small and bare, kept as objects."""
