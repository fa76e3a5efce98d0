"""MLflow's fluent API, and what a process knows without being told: its session, its active run."""
