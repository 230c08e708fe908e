"""What an engineer looks at when callers or operators complain: one file a check."""
