"""Tests of what projects declare and how they become Prefect flows on Dask."""
