"""One challenge a file. A new one is a new file here and its table in `base/defaults.toml`."""
