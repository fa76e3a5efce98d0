"""Pictures of a sweep, from its history alone.

Each picture is made as a value (:class:`mlflowflow.plots.picture.Picture`) by a pure function; it shows
itself in a notebook and is written as SVG or PNG, or with others as one page of HTML. Nothing here reads
a store or a clock, so the same history gives the same files.
"""

from mlflowflow.sweeps.plots.gallery import (
    PAGE,
    PLOT_FORMATS,
    PLOT_KINDS,
    picture_of,
    pictures_of,
    write_plots,
)

__all__ = ["PAGE", "PLOT_FORMATS", "PLOT_KINDS", "picture_of", "pictures_of", "write_plots"]
