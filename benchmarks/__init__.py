"""Benchmarks anyone can run: each compares side by side in one run, prints tables, writes JSON and pictures."""
