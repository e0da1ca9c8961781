"""What the clock drives. Runs without Flask."""
