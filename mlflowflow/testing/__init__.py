"""Public fakes and contracts: what to test a store or a registry of your own with."""
