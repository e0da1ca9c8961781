"""What each error says over HTTP."""
