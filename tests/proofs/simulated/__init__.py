"""Proofs in one thread: the real library in simulated processes, on a simulated store, clock and disk."""
