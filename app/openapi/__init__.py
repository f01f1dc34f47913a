"""From an API description to operations: fetch, parse, resolve, normalise."""
