"""Pure values and decisions: plans, results, outcomes, run lifecycle, redaction. Standard library only."""
