"""A patient's text is kept, understood and answered."""
