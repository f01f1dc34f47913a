"""Adapters to the vendors of models: each turns a question into a structured answer, over HTTP.

Nothing here is imported before a model is to be asked: the vendors' libraries take seconds to load.
"""
