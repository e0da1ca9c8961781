"""What every subject of the domain stands on."""
