"""Checks of content; gives findings, decides nothing."""
