"""What Argo CD reads, and how a version gets to an environment."""
