"""Use cases: one function is one transaction's work, the session is the first argument."""
