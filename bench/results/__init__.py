"""How fast results go into the database."""
