"""Tests of the room `pki`."""
