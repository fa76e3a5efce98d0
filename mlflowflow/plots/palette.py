"""Colours and dashes by which lines are told apart, for all who draw."""

from __future__ import annotations

from typing import Final

#: Okabe and Ito's colours, which eyes of every kind can tell apart, without the yellow.
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
#: Matplotlib's dashes, for more lines than there are colours.
DASHES: Final = ("-", "--", "-.", ":")
