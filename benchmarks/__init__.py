"""How fast and how small we are beside our peers, measured on one machine in one run: `make bench`."""
