"""What a text or a note from a patient means."""
