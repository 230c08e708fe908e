"""The nouns every stage shares; imports no stage."""
