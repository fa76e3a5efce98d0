"""Tests of the public fakes and contracts."""
