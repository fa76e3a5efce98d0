"""MLflow's own client, server and web pages on a store of this library: what MLflow loads as a plugin.

::

    entry        what MLflow finds by name: light, and without a way to fail
    addresses    mlff:, mlff+file:, mlff+s3: … and the stores that they mean
    opened       the store behind all of it, one for each address and process
    facts        our facts as MLflow's entities
    trouble      our errors as MLflow's
    tracking     runs and experiments            logged       logged models
    purging      what `mlflow gc` asks for       registry     registered models
    files        artifacts                       backend      `mlflow run -b prefect`
    absent       what is not here, and why

This is the one package that imports MLflow, and only in a process in which MLflow has loaded it. What is
promised is what `Tracker` and `Catalog` promise: a returned log call is in a file of this machine, several
servers may work on one store, and nobody needs a database.
"""
