"""Octets in and out: fast, in little memory, and hashed on the way."""
