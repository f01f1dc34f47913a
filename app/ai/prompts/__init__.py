"""What a model is told: our instructions, and foreign text that is marked as what it is."""
