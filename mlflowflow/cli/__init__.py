"""The command line, ``mlff``."""
