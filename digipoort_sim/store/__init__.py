"""Tables, sessions and migrations on SQLite or PostgreSQL."""
