"""Files of runs and logged models: where they lie, and the functions that write and read them."""
