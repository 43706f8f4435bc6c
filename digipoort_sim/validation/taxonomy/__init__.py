"""Taxonomies: the packages that are at hand, and the processes that check contents against them."""
