"""A small API with faults that can be switched off, for a first run and for measuring the writer."""
