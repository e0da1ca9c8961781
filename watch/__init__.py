"""Looking over the installation and telling somebody outside, driven by a worker or beside the web."""
