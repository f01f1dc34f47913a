"""What many runs say together: figures, flakiness, anomalies, verdicts. Pure: no clock, no rows."""
