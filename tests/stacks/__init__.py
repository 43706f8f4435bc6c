"""Client stacks that are not ours, against the running program."""
