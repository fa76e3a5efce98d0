"""What everybody logged, as one table in the store: segments, folded parts, manifests, and how they are read."""
