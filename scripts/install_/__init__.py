"""`scripts/install` and `scripts/uninstall`: the standard library alone, for they run before anything is installed."""
