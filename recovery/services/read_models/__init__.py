"""What pages and clients are shown, put together from several subjects."""
