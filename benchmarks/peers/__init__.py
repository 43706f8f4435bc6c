"""Other stacks that do the same work, or part of it."""
