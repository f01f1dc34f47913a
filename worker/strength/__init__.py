"""Proof that a check can fail: replays what it asked and was answered, with one answer changed."""
