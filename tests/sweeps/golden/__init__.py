"""Logs of sweeps as one release of Optuna writes them, and what makes them."""
