"""Whole uses of the library in each kind of store that is a server of somebody else's."""
