"""The filing rules and guidance, and what XBRL itself asks, as far as plain parsing can see it."""
