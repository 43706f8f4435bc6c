"""Certificates: OIN, trust and revocation, the TRIAL authority."""
