"""A small API with faults that can be switched off one by one, to show and to measure."""
