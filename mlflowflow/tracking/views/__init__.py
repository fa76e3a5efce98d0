"""Runs as people look at them: in columns, side by side, over an axis, in a notebook."""
