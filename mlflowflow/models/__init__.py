"""Model folders in MLflow's format: signatures, flavors, saving and loading."""
