"""Business rules of each kind of message, from the catalogue."""
