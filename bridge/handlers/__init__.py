"""What is done with events: one module and one consumer group each."""
