"""Proofs: promises of the store held against kills, faults and races, counted and printed as one table."""
