"""The engine against the usual ways of running pytest, on the same modules and the same API."""
