"""The platform without its servers: write, execute and scan in one process."""
