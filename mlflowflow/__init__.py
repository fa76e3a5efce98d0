"""Tracking, projects, models and a gated registry on plain Parquet, run by Prefect on Dask."""

__version__ = "0.1.0"
