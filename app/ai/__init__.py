"""From operations to test scripts."""
