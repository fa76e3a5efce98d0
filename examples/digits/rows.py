"""The table all three scripts share: one row per image, in Parquet.

Columns: `row_id` (the image's number in scikit-learn's data set), `label` (0 to 9) and `p00` to
`p63`, the 8 by 8 pixels from 0 (white) to 16 (black).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PIXELS = tuple(f"p{number:02d}" for number in range(64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Images and their labels, in three arrays of one length."""

    row_id: NDArray[np.int64]
    label: NDArray[np.int64]
    pixels: NDArray[np.float64]

    def __len__(self) -> int:
        """Count the images."""
        return len(self.row_id)

    def take(self, places: NDArray[np.int64]) -> Rows:
        """Return the rows at `places`, in that order."""
        return Rows(row_id=self.row_id[places], label=self.label[places], pixels=self.pixels[places])


def join(first: Rows, second: Rows) -> Rows:
    """Return all rows of `first`, then all of `second`."""
    return Rows(
        row_id=np.concatenate([first.row_id, second.row_id]),
        label=np.concatenate([first.label, second.label]),
        pixels=np.concatenate([first.pixels, second.pixels]),
    )


def write(rows: Rows, path: Path) -> None:
    """Write `rows` to the Parquet file `path`, creating its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = dict(zip(PIXELS, rows.pixels.T, strict=True))
    pq.write_table(pa.table({"row_id": rows.row_id, "label": rows.label, **columns}), path)


def read(path: Path) -> Rows:
    """Read what `write` wrote. Raise FileNotFoundError with the next step in its sentence."""
    if not path.is_file():
        sentence = f"There is no file '{path}'; run the entry point 'ingest' and pass the folder it wrote."
        raise FileNotFoundError(sentence)
    table = pq.read_table(path)
    return Rows(
        row_id=table["row_id"].to_numpy(),
        label=table["label"].to_numpy(),
        pixels=np.column_stack([table[name].to_numpy() for name in PIXELS]),
    )
