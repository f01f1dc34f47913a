"""The places of an operation's inputs at which a value can be varied."""
