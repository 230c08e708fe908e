"""Fuzzers: what strangers send, made up by the million. See docs/fuzzing.md."""
