"""OIN and identification numbers, the TRIAL certificate authority, and the verdict on a certificate."""
