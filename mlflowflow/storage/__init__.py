"""Where bytes live: five verbs over a directory, memory or an object store."""
