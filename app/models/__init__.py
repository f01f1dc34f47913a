"""One table per module: columns and constraints, no behaviour."""
