"""Gates: pure functions from evidence to a verdict, and the promotions they allow."""
