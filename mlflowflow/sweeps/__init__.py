"""Hyperparameter sweeps: what to try next, when to stop, and what was found.

A sweep is a numbered, write-once log in the store (`log`, `entry`) and the fold of it (`history`).
The `coordinator` is a plain state machine: it asks a sampler (`suggestion`), weighs reported points
(`pruning`), keeps to the budget (`ending`), and writes down what it decided before it takes effect.
`running` drives it over any pool of workers; the pools are in :mod:`mlflowflow.orchestration`,
because only that package knows Prefect and Dask.

Whatever kills a coordinator, the next one reads the log, gives it to a fresh sampler, and goes on
with the same suggestions, the same runs and the attempts that were cut off.
"""
