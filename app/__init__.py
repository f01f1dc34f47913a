"""What the platform knows, and what it answers over HTTP."""
