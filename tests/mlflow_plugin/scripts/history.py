"""A history of MLflow's client that a seed chooses, and what the client answered to each call.

Usage: history.py SEED... with MLFLOW_TRACKING_URI. Ids that a store gave are told by the order in which they
came (``run-3``), so that two stores can be compared; all fields of every entity are told.
"""

import json
import os
import sys

import mlflow
from registry_calls import RegistryCalls
from tracking_calls import TrackingCalls


class History(TrackingCalls, RegistryCalls):
    # ---- all of it ----

    def go(self, calls):
        weights = {
            "create_run": 4,
            "create_experiment": 3,
            "log_batch": 4,
            "log_metric": 3,
            "create_version": 7,
            "create_registered": 3,
            "search_runs": 6,
            "restore_experiment": 2,
            "measure_model": 3,
            "output_model": 2,
            "transition": 3,
            "get_alias": 2,
            "log_inputs": 3,
            "delete_version": 4,
            "untag_model": 2,
            "tag_model": 2,
            "history": 3,
            "create_model": 2,
            "get_run": 3,
            "update_version": 3,
            "fetch_files": 2,
            "log_file": 2,
        }
        names = [
            name for kind in (TrackingCalls, RegistryCalls) for name in vars(kind) if not name.startswith("_")
        ]
        chosen = ["create_experiment", "create_run", "create_registered", "create_run", "create_model"]
        chosen += ["output_again", "renumber", "alias"]
        chosen += self.random.choices(names, [weights.get(name, 1) for name in names], k=calls)
        for name in chosen:
            told = getattr(self, name)()
            self.told.append([name, self.shown(told)])
        return self.told


def main():
    mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
    calls = int(os.environ.get("HISTORY_CALLS", "160"))
    print("\x1e" + json.dumps({seed: History(int(seed)).go(calls) for seed in sys.argv[1:]}))


if __name__ == "__main__":
    main()
