"""Pure values and decisions: plans, results, outcomes. Standard library only."""
