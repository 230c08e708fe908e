"""One file a step: what is wanted and not there yet, as changes; nothing where all is done."""
