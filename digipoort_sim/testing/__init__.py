"""What the simulator offers to test suites."""
