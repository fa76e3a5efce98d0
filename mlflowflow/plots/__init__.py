"""Charts as values, and drawing them: to a file with Matplotlib, in a terminal with plotext."""
