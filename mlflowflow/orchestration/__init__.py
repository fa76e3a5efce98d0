"""From a plan to a Prefect flow on Dask: the only package that imports either.

=============================  ==================================================================
``launch``                     run a project from this process: what ``mlff run`` does
``compile``                    a project's entry point, sweep or pipeline as a Prefect flow
``execution``                  a plan's steps in order, finished ones kept
``…_step``, ``step``           what each kind of step does; ``step`` is what a worker runs
``function_sweep``             a sweep over a plain function: what `mlflowflow.sweep` runs
``conduct``                    a sweep's log and coordinator on one side, a pool of workers on the other
``attempt``, ``…_trial``       what a worker does for a trial: claim it, make it, say what came of it
``contact``, ``signals``       how a running trial reports, and how it hears that it shall end
``pool``, ``prefect_task``     where they meet Dask and Prefect
``cluster``, ``prefect_api``   one cluster and one API, neither of which can be orphaned
``process``, ``supervisor``    commands that end with whoever asked for them
=============================  ==================================================================

Everything above ``attempt`` in this list could run on another scheduler.
"""
