"""Requests kept by other tools (Postman, HAR, curl), told as an OpenAPI description.

To add a tool: write a module with `read(…) -> Kept` beside these and name it in `kinds`.
"""
