"""How it is known that a process lives: a file for ``python -m workers.probe``, a line in the state for ``status``."""
