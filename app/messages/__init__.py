"""The vocabulary on the wire: topics, commands, events. Versioned; a published shape is never changed."""
