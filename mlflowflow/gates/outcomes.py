"""Per-row outcomes of an evaluation: which row, what was true, what the model said.

Summary metrics cannot tell a better model from a luckier one; the same rows seen by both can. An
evaluation run therefore logs a Parquet file, :data:`OUTCOMES_ARTIFACT`, with the columns
``row_id``, ``label`` and ``prediction``. Rows are kept sorted by their id, so the order in which
they were scored changes neither equality nor the digest.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from mlflowflow.errors import CorruptData, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: The artifact of an evaluation run that holds its outcomes.
OUTCOMES_ARTIFACT: Final = "outcomes.parquet"
_COLUMNS: Final = ("row_id", "label", "prediction")

#: What a column may hold; text and numbers do not mix within one.
Cell: TypeAlias = str | int | float


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """Labels and predictions by row, sorted by row id; each id occurs once.

    >>> seen = Outcomes(row_ids=(2, 1), labels=("a", "b"), predictions=("a", "a"))
    >>> seen.row_ids, seen.right
    ((1, 2), (False, True))
    """

    # Not slotted: the digest of a million rows is worth remembering.

    row_ids: tuple[Cell, ...]
    labels: tuple[Cell, ...]
    predictions: tuple[Cell, ...]

    def __post_init__(self) -> None:
        """Refuse ragged columns, repeated rows, and labels that no prediction could equal."""
        columns = self.row_ids, self.labels, self.predictions
        if len({len(column) for column in columns}) > 1:
            raise InvalidInput(
                f"Outcomes need columns of one length; found {', '.join(map(_size, columns))}."
            )
        if len(set(self.row_ids)) < len(self.row_ids):
            raise InvalidInput("Outcomes name a row twice; 'row_id' must tell the rows apart.")
        if _family(self.labels, "label") != _family(self.predictions, "prediction") and self.labels:
            raise InvalidInput(
                "Outcomes have labels and predictions of different types, so no prediction could ever be "
                "right; write both as numbers or both as text."
            )
        _family(self.row_ids, "row_id")
        ordered = sorted(zip(*columns, strict=True), key=lambda row: row[0])
        for name, column in zip(
            ("row_ids", "labels", "predictions"), zip(*ordered, strict=True), strict=False
        ):
            object.__setattr__(self, name, column)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.row_ids)

    @property
    def right(self) -> tuple[bool, ...]:
        """Whether each row was predicted correctly, in the order of `row_ids`."""
        return tuple(said == true for said, true in zip(self.predictions, self.labels, strict=True))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the rows in canonical order, independent of how a file encodes them."""
        text = json.dumps((self.row_ids, self.labels, self.predictions), separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def to_parquet(self) -> bytes:
        """Write the rows as a Parquet file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = (self.row_ids, self.labels, self.predictions)
        table = pa.table({name: list(column) for name, column in zip(_COLUMNS, columns, strict=True)})
        file = io.BytesIO()
        pq.write_table(table, file, compression="zstd", store_schema=False)
        return file.getvalue()

    @classmethod
    def from_parquet(cls, data: bytes, *, name: str = OUTCOMES_ARTIFACT) -> Outcomes:
        """Read a Parquet file with the three columns. Raises `CorruptData` mentioning `name`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            columns = _columns(pq.read_table(io.BytesIO(data)).to_pydict(), name=name)
            return cls(row_ids=columns[0], labels=columns[1], predictions=columns[2])
        except (pa.ArrowException, InvalidInput) as error:
            raise CorruptData(name, str(error).rstrip(".")) from error


def _columns(found: Mapping[str, Sequence[Cell]], *, name: str) -> list[tuple[Cell, ...]]:
    missing = [column for column in _COLUMNS if column not in found]
    if missing:
        raise CorruptData(
            name, f"it has no column '{missing[0]}'; expected {', '.join(_COLUMNS)}, found {', '.join(found)}"
        )
    return [tuple(found[column]) for column in _COLUMNS]


def _family(column: Iterable[object], name: str) -> str:
    families = {_kind(cell) for cell in column}
    if len(families) > 1 or families & {"missing", "other"}:
        raise InvalidInput(
            f"Outcomes have a '{name}' that is {' and '.join(sorted(families))}; expected one kind."
        )
    return families.pop() if families else ""


def _kind(cell: object) -> str:
    match cell:
        case str():
            return "text"
        case float() if cell != cell:  # noqa: PLR0124 - NaN is how a missing number is written
            return "missing"
        case int() | float():
            return "a number"
        case None:
            return "missing"
        case _:
            return "other"


def _size(column: Sequence[object]) -> str:
    return str(len(column))
