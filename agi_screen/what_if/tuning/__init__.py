"""Recorded calls judged again with other weights, caps and thresholds, from the evidence that was kept of each."""
