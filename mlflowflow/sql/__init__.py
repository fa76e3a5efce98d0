"""Everything in a store as SQL tables, and the layout that other programs read directly."""
