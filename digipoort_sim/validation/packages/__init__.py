"""Taxonomy packages: finding, reading, adding and checking them."""
