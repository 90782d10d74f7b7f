"""The servers, the supervisor and `up` as processes."""
