"""Signing in, knowing who calls, and counting tries."""
