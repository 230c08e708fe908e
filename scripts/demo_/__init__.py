"""The demo behind scripts/demo: who calls, what they do, what comes of it, and whether that is as it should be."""
