"""MLproject files, and how they become Prefect flows on Dask."""
