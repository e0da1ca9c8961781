"""Short messages: the port that services speak to, and the carriers behind it."""
