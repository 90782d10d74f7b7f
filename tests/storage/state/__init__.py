"""The state in Redis, on a real Valkey. Two clients stand for two processes; short leases really run out."""
