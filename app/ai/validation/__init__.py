"""Decides whether a model's check may stand in a module; until then it is hostile text."""
