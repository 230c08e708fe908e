"""kill -9 at random moments, while real calls come and people change lists, settings and level."""
