"""What each route does: a thin step from a checked request to the store and back to an answer's shape."""
