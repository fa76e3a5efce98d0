"""A store of every released format, and the rule that all of them stay readable."""
