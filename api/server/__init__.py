"""The web server and what stands beside it in its process."""
