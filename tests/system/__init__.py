"""Whole command lines against real Prefect servers, Dask clusters and stores."""
