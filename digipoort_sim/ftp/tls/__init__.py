"""TLS of the file door: contexts, handshakes that are watched, and who is at the other end."""
