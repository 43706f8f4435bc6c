"""The file door: FTPS listener, accounts, completeness rules, receipts."""
