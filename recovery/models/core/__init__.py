"""What every table stands on."""
