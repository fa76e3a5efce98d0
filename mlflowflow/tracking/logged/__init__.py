"""Logged models: what they are, how they are kept and found, and the functions for them."""
