"""The kinds of pictures of a sweep by their names, and writing them as files."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.sweeps.plots.learning import intermediate_picture
from mlflowflow.sweeps.plots.page import page_of
from mlflowflow.sweeps.plots.pareto import pareto_picture
from mlflowflow.sweeps.plots.progress import edf_picture, history_picture
from mlflowflow.sweeps.plots.shares import importance_picture
from mlflowflow.sweeps.plots.space import parallel_picture, slice_picture
from mlflowflow.sweeps.plots.surface import contour_picture
from mlflowflow.sweeps.plots.timeline import timeline_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from mlflowflow.plots.picture import Picture
    from mlflowflow.sweeps.history import SweepHistory

_OF_HISTORY: Final[Mapping[str, Callable[[SweepHistory], Picture]]] = MappingProxyType(
    {
        "history": history_picture,
        "intermediate": intermediate_picture,
        "pareto": pareto_picture,
        "timeline": timeline_picture,
        "edf": edf_picture,
    }
)
_OF_IMPORTANCE: Final[Mapping[str, Callable[[SweepHistory, Mapping[str, float] | None], Picture]]] = (
    MappingProxyType(
        {
            "importance": importance_picture,
            "slice": slice_picture,
            "contour": contour_picture,
            "parallel": parallel_picture,
        }
    )
)

#: In the order in which a page shows them.
PLOT_KINDS: Final = (
    "history",
    "pareto",
    "importance",
    "slice",
    "contour",
    "parallel",
    "intermediate",
    "edf",
    "timeline",
)
#: What pictures can be written as; ``html`` is one page of all.
PLOT_FORMATS: Final = ("svg", "png", "html")
PAGE: Final = "sweep.html"
_MADE: Final[Mapping[str, Callable[[Picture], bytes]]] = MappingProxyType(
    {"svg": lambda picture: picture.svg().encode(), "png": lambda picture: picture.png()}
)


def picture_of(history: SweepHistory, kind: str, *, importance: Mapping[str, float] | None = None) -> Picture:
    """Return the picture of `kind`, one of `PLOT_KINDS`; a sentence takes its place if there is nothing to show.

    `importance`, the share of each dimension, puts the dimensions that matter first where there is an
    order, and is itself the picture ``importance``.

    Raises `InvalidInput` for another kind.

    >>> from mlflowflow.sweeps.history import SweepHistory
    >>> picture_of(SweepHistory("a" * 32), "pie")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    mlflowflow.errors.InvalidInput: 'pie' is not a picture of a sweep; expected one of history, pareto, ...
    """
    if kind in _OF_HISTORY:
        return _OF_HISTORY[kind](history)
    if kind in _OF_IMPORTANCE:
        return _OF_IMPORTANCE[kind](history, importance)
    raise _unknown(kind, "a picture of a sweep", PLOT_KINDS)


def pictures_of(
    history: SweepHistory,
    kinds: Iterable[str] | None = None,
    *,
    importance: Mapping[str, float] | None = None,
) -> list[Picture]:
    """Return a picture for each of `kinds`, or without any every picture that has something to show.

    Raises `InvalidInput` for a kind that is not in `PLOT_KINDS`.
    """
    if kinds is not None:
        return [picture_of(history, kind, importance=importance) for kind in dict.fromkeys(kinds)]
    drawn = [picture_of(history, kind, importance=importance) for kind in PLOT_KINDS]
    return [each for each in drawn if not each.is_empty] or drawn[:1]


def write_plots(
    history: SweepHistory,
    folder: Path,
    *,
    kinds: Iterable[str] | None = None,
    formats: Iterable[str] = ("svg",),
    importance: Mapping[str, float] | None = None,
) -> list[Path]:
    """Write pictures of the sweep into `folder`, which is made if need be, and return the files.

    Each picture is a file for each of the `formats` ``svg`` and ``png``; ``html`` is one page with all of
    them, named `PAGE`. Without `kinds` these are all that have something to show.

    Raises:
        InvalidInput: a kind or a format is not known; nothing is written then.
        MissingExtra: Matplotlib is not installed; nothing is written either.
    """
    wanted = tuple(dict.fromkeys(formats))
    for each in wanted:
        if each not in PLOT_FORMATS:
            raise _unknown(each, "a format of pictures", PLOT_FORMATS)
    pictures = pictures_of(history, kinds, importance=importance)
    files = {
        f"{picture.name}.{each}": _MADE[each](picture)
        for picture in pictures
        for each in wanted
        if each in _MADE
    }
    if "html" in wanted:
        files[PAGE] = page_of(history, pictures).encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def _unknown(name: str, what: str, known: tuple[str, ...]) -> InvalidInput:
    return InvalidInput(f"'{name}' is not {what}; expected one of {', '.join(known)}.")
