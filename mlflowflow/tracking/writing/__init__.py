"""How what a process logs leaves it: acknowledged in a local spool, uploaded as segments, recovered after a death."""
