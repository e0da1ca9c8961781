"""Steps from one shape of the database to the next, and who may do what in it."""
