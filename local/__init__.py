"""The platform without its servers: write, run and scan in one process."""
