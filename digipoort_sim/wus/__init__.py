"""The SOAP door: listener, envelope, WS-Security, the service contract, operations, faults."""
