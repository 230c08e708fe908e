"""Thresholds and weights for a wished rate of challenged people, from calls of which it is known who they were."""
