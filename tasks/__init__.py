"""Thin Celery tasks: each body calls one function."""
