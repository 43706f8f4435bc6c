"""What the simulator offers to test suites: an in-process server and a pytest plugin."""
