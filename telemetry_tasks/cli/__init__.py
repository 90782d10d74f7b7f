"""The command line: one file a command group."""

import atexit
import gc

# Most commands are over before there is any garbage to speak of. Looking for it while modules are imported, and once
# more in all of them at the end, is a sixth of the time of a short command.
gc.set_threshold(50_000, 10, 10)
atexit.register(gc.freeze)
