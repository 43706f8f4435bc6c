"""Tables of codes, berichtsoorten, diensten and scenarios, each line with its provenance."""
