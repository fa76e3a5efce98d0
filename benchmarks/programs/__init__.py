"""The measured programs: one process each, arguments and answer as JSON, run by whichever interpreter has the peer."""
