"""What models add to generations: asking within a budget, and keeping what may stand."""
