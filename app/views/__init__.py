"""What is answered over HTTP: JSON under /api/v1, HTML elsewhere."""
