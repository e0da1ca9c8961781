"""Recording treatments and planning their series."""
