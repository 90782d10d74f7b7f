"""Real servers on free ports, started and stopped by the tests."""
