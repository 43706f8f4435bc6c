"""What users wait for, measured: run with ``make bench``."""
