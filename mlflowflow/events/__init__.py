"""Facts that others act on: the journal that keeps them and the relay that offers them again."""
