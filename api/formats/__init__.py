"""Reading what is sent and writing what is answered."""
