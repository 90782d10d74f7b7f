"""The servers and the supervisor behind ``telemetry-tasks up``."""
