"""Who may come in: accounts, sessions, tokens, the set-up link, and the audit log of what they change."""
