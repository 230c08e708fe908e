"""The judge: facts → signals → score → level → verdict. Nothing here waits."""
