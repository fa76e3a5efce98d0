"""MLflow's REST API directly on a store, for clients that speak nothing else.

::

    message       what a request says: JSON or a query to checked fields
    requests      the fields of each request          answers   the shapes of the answers
    shown         our facts in those shapes           places    every path and address a client may name
    desk          the store behind the handlers       handlers  what each route does
    routes        the tables of routes                openapi   the same tables as a document
    guard         who may ask, and from where         app, running   all of it, listening

The handlers are thin: what is promised is what `Tracker` and `Catalog` promise. A returned log call is in
a file of this machine, or as far as ``MLFLOWFLOW_DURABILITY`` says, and the next server on this machine
uploads what a killed one left. Several servers may work on one store.
"""
