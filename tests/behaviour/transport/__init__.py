"""What the transport promises, with real workers as processes, on both brokers."""
