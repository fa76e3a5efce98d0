"""Where a model version came from, and where data and runs ended: facts first, text apart."""
