"""One file, one class, one `[signals.<name>]` table each. Every module in this folder is a signal."""
