"""Analytics: what all runs of a suite say together, kept in the database and read from it."""
