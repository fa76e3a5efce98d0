"""Colours and dashes by which marks are told apart, for all who draw, on white and on dark paper."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Okabe and Ito's colours, which eyes of every kind can tell apart, without the yellow.
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
#: Matplotlib's dashes, for more lines than there are colours.
DASHES: Final = ("-", "--", "-.", ":")


class Tone(StrEnum):
    """A colour by its part in a picture; `TONES` says what that is on white and on dark paper.

    `DARK` is for letters on light colours, on any paper. The names in the second half are a ramp from
    pale to deep, see `ramp`.
    """

    PAPER = "paper"
    INK = "ink"
    DARK = "dark"
    MUTED = "muted"
    LINE = "line"
    GRID = "grid"
    BLUE = "blue"
    SKY = "sky"
    ORANGE = "orange"
    RED = "red"
    GREEN = "green"
    PINK = "pink"
    RAMP_0 = "ramp0"
    RAMP_1 = "ramp1"
    RAMP_2 = "ramp2"
    RAMP_3 = "ramp3"
    RAMP_4 = "ramp4"
    RAMP_5 = "ramp5"
    RAMP_6 = "ramp6"
    RAMP_7 = "ramp7"
    RAMP_8 = "ramp8"


#: Each tone on white and on dark paper. No two are the same, so a colour in a file tells its tone.
TONES: Final[Mapping[Tone, tuple[str, str]]] = MappingProxyType(
    {
        Tone.PAPER: ("#ffffff", "#15191e"),
        Tone.INK: ("#1f2328", "#e6eaee"),
        Tone.DARK: ("#1f2329", "#1d2126"),
        Tone.MUTED: ("#5b6470", "#9aa5b1"),
        Tone.LINE: ("#aab3bd", "#56606c"),
        Tone.GRID: ("#e8ebee", "#272d35"),
        Tone.BLUE: ("#0072b2", "#4fb3f0"),
        Tone.SKY: ("#56b4e9", "#8fd0f5"),
        Tone.ORANGE: ("#e69f00", "#f0b429"),
        Tone.RED: ("#d55e00", "#ff8a3d"),
        Tone.GREEN: ("#009e73", "#2cc99a"),
        Tone.PINK: ("#cc79a7", "#e29cc4"),
        Tone.RAMP_0: ("#d3e0e8", "#2c3943"),
        Tone.RAMP_1: ("#b7cfdd", "#324b5b"),
        Tone.RAMP_2: ("#98bcd3", "#385e75"),
        Tone.RAMP_3: ("#76a8c9", "#3f7390"),
        Tone.RAMP_4: ("#5294be", "#4789ac"),
        Tone.RAMP_5: ("#2d7fb1", "#55a0c8"),
        Tone.RAMP_6: ("#0f699c", "#72b7dc"),
        Tone.RAMP_7: ("#06517d", "#9bceea"),
        Tone.RAMP_8: ("#043759", "#cbe6f6"),
    }
)

#: From pale to deep; on dark paper from dim to bright.
RAMP: Final = tuple(tone for tone in Tone if tone.startswith("ramp"))


def ramp(share: float) -> Tone:
    """Return the tone for `share`, from 0 (pale) to 1 (deep); what is beyond counts as the end.

    >>> ramp(0.0), ramp(1.0)
    (<Tone.RAMP_0: 'ramp0'>, <Tone.RAMP_8: 'ramp8'>)
    """
    return RAMP[min(len(RAMP) - 1, int(min(1.0, max(0.0, share)) * len(RAMP)))]
