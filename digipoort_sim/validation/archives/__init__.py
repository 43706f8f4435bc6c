"""Zip archives that anybody may have sent, read strictly and within limits."""
