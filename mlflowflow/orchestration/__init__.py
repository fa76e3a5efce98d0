"""From a plan to a Prefect flow on Dask: the only package that imports either.

=============================  ==================================================================
``launch``                     run a project from this process: what ``mlff run`` does
``compile``                    a project's entry point, sweep or pipeline as a Prefect flow
``execution``                  a plan's steps in order, finished ones kept
``…_step``, ``step``           what each kind of step does; ``step`` is what a worker runs
``sweep``, ``suggestion``      the coordinator of trials, and what it asks
``pool``, ``prefect_task``     where they meet Dask and Prefect
``cluster``, ``prefect_api``   one cluster and one API, neither of which can be orphaned
``process``, ``supervisor``    commands that end with whoever asked for them
=============================  ==================================================================

Everything above ``pool`` and ``prefect_task`` in this list could run on another scheduler.
"""
