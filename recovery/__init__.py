"""What the clinic knows: how skin recovers, who is followed, what is said to whom."""
