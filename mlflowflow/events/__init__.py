"""A durable journal of facts, told to other systems as best we can."""
