"""The vocabulary on the wire. Versioned: a published shape is never changed."""
