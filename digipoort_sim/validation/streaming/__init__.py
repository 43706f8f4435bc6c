"""Contents too large to be looked at whole: read once, in pieces, in memory that does not grow."""
