"""The words patients and nurses read, and the rules wordings keep."""
