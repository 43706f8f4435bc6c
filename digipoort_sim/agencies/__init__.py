"""Simulated receivers and the service messages that they make."""
