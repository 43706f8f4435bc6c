"""Puts the doors, the post office and the store together into one running simulator."""
