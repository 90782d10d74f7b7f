"""The running system from outside: real processes, real servers. Imports nothing of the package."""
