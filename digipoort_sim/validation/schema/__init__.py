"""Checks against XSDs, in words that people understand."""
