"""Tests of the journal of events."""
