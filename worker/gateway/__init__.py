"""The egress gateway: the one way out of a case's process, and the record of what went through."""
