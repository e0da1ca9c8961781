"""True without any machine: pure functions and frozen dataclasses over the standard library."""
