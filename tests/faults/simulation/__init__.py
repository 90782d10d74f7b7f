"""F32: whole lives of a deployment in one process, by dice: workers that take turns, a state and stores in memory.

``python -m tests.faults.simulation SEED`` lives one of them again and prints what happened.
"""
