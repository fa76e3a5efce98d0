"""Tests of the command line, called in this process on small stores."""
