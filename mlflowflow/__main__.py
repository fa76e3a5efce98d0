"""``python -m mlflowflow``: the command line, for those who know a Python and not where ``mlff`` is."""

from __future__ import annotations

from mlflowflow.cli.main import main

if __name__ == "__main__":
    main()
