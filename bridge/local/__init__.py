"""`make run`: the whole platform on one machine, with nothing to install beside it."""
