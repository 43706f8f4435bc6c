"""Report packages with inline XBRL."""
