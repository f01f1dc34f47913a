"""Pages about the project; `python -m docs` writes those that are made from the code."""
