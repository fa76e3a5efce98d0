"""Logging without being asked: what libraries train becomes runs, with nothing added to the script.

`switch` switches an `Integration` on and off: what is patched in one library. A training is read by
a `Training`, which says what to log before and after; running the original exactly once, finding or
making the run, and keeping our mistakes away from the training are the same for all (`trains`).

A package adds a library by an entry point of the group ``mlflowflow.autologging``: its name is the
library's module, its object a function that takes the arguments it knows of `mlflowflow.autolog`
and calls `switch`.
"""

from mlflowflow.autologging.care import Care
from mlflowflow.autologging.integration import Integration
from mlflowflow.autologging.options import Options
from mlflowflow.autologging.patching import Patch
from mlflowflow.autologging.scope import inside
from mlflowflow.autologging.switchboard import switch
from mlflowflow.autologging.target import Target
from mlflowflow.autologging.training import Call, Training, observes, trains

__all__ = [
    "Call",
    "Care",
    "Integration",
    "Options",
    "Patch",
    "Target",
    "Training",
    "inside",
    "observes",
    "switch",
    "trains",
]
