"""Tests of how plans become flows, and of what they run on."""
