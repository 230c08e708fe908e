"""The same judge under another question: what would be, and why."""
