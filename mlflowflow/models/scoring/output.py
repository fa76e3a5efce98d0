"""The folder that a scoring job fills: one Parquet file a part, and a note of which job it is.

::

    _scoring.json           the job: its fingerprint, model and columns, and in the end its sums
    part-000000.parquet     the answers to the first part, in the order of the rows
    .part-000001.….tmp      a part being written; no reader of Parquet folders looks at it

A part's file appears whole or not at all, under a name that only it has, and says in its footer what
it is. So a job that was killed can be started again: what is there is kept, and nothing is doubled.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import AlreadyExists, CorruptData, InvalidState
from mlflowflow.models.scoring.part import MARK, write_tables

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from mlflowflow.models.scoring.plan import Part, Plan

NOTE: Final = "_scoring.json"
_FORMAT: Final = 1


class Output:
    """The folder of one job; any number of processes may write its parts."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        """Be the place of the job with `fingerprint`; nothing is touched yet."""
        self.folder = folder
        self.fingerprint = fingerprint

    @contextmanager
    def opened(self) -> Generator[None]:
        """Hold the folder for one job, and clear away what killed ones left half-written.

        Raises `AlreadyExists` if other files are in it, and `InvalidState` if it belongs to another
        job or one is running.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._demand_ours()
        with _locked(self.folder):
            for left in self.folder.glob(".part-*.tmp"):
                left.unlink(missing_ok=True)
            yield

    def schema(self) -> Any | None:
        """Return the columns of the output, if they were decided before."""
        import pyarrow as pa

        note = self._note()
        text = None if note is None else note.get("schema")
        return None if text is None else pa.ipc.read_schema(pa.py_buffer(base64.b64decode(str(text))))

    def note(self, plan: Plan, *, model_uri: str, schema: Any, sums: Mapping[str, Any] | None = None) -> None:
        """Write down what this folder holds, and in the end its `sums`."""
        encoded = base64.b64encode(schema.serialize().to_pybytes()).decode()
        tree = {
            "format": _FORMAT,
            "fingerprint": self.fingerprint,
            "model_uri": model_uri,
            "parts": len(plan.parts),
            "rows": plan.rows,
            "columns": {field.name: str(field.type) for field in schema},
            "schema": encoded,
            "finished": None if sums is None else dict(sums),
        }
        text = json.dumps(tree, indent=1, sort_keys=True) + "\n"
        with self._published(NOTE) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def has(self, part: Part) -> bool:
        """Answer whether `part` was finished before."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.folder / part.name
        try:
            footer = pq.read_metadata(path)
        except (FileNotFoundError, pa.ArrowInvalid):
            return False
        found = (footer.metadata or {}).get(MARK)
        return bool(found == self._mark(part) and footer.num_rows == part.rows)

    def write(self, part: Part, tables: Iterator[Any], schema: Any) -> int:
        """Write the answers to `part` and return the bytes of its file, which is durable then."""
        with self._published(part.name) as temporary:
            rows = write_tables(tables, temporary, schema=schema, mark=self._mark(part).decode())
            if rows != part.rows:
                raise CorruptData(part.path, f"it has {rows} rows where its footer said {part.rows}")
        return (self.folder / part.name).stat().st_size

    def _mark(self, part: Part) -> bytes:
        return f"{self.fingerprint}:{part.index}".encode()

    @contextmanager
    def _published(self, name: str) -> Generator[Path]:
        """Provide a file that becomes `name` when it is complete and on the disk."""
        handle, text = tempfile.mkstemp(dir=self.folder, prefix=f".{name}.", suffix=".tmp")
        os.close(handle)
        temporary = Path(text)
        try:
            yield temporary
            _synchronize(temporary)
            temporary.chmod(0o644)
            temporary.replace(self.folder / name)
            _synchronize(self.folder)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()

    def _demand_ours(self) -> None:
        note = self._note()
        if note is None:
            if any(not one.name.startswith(".") for one in self.folder.iterdir()):
                raise AlreadyExists(
                    "folder", str(self.folder), hint="Write predictions into a new or empty one."
                )
        elif note.get("fingerprint") != self.fingerprint:
            raise InvalidState(
                f"'{self.folder}' holds the predictions of another job, of the model '{note.get('model_uri')}': "
                "the model, the input or a column has changed since. Choose another folder, or remove this one."
            )

    def _note(self) -> dict[str, Any] | None:
        path = self.folder / NOTE
        try:
            tree = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise CorruptData(str(path), f"it is not JSON ({error})") from error
        if not isinstance(tree, dict) or tree.get("format") != _FORMAT:
            raise CorruptData(str(path), "it is not a note of this release's scoring")
        return tree


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise InvalidState(f"A job is writing to '{folder}' just now; wait for its end.") from error
    finally:
        os.close(handle)


def _synchronize(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
