"""Settings, logging, the embedded database, and the clinic's content as data."""
