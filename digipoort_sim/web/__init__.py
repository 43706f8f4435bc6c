"""The web door: control API and console."""
