"""Where the calls of a time came from, and whether there is a pattern: from our own records alone."""
