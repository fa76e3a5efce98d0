"""Parquet files as a dataset, known by their footers: no row is read until somebody asks for one.

The digest covers each file's relative path, its size and the SHA-256 of its footer. A footer names
every column chunk with its place, its size and (as written by nearly everybody) its least and
greatest value, so rewriting data nearly always changes it; a change that keeps all of them is not
seen. A table of a terabyte has its digest in as many small reads as it has files.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.sources import resolve_source
from mlflowflow.data.tabular_dataset import TabularDataset
from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.models.schema import AnyType, ArrayType, ColumnSchema, ColumnSpec, ColumnType, DataType
from mlflowflow.storage.address import normalize
from mlflowflow.storage.blob import Span
from mlflowflow.storage.location import open_store

if TYPE_CHECKING:
    from mlflowflow.data.dataset_source import DatasetSource
    from mlflowflow.storage.blob import BlobStore

_MAGIC: Final = b"PAR1"
_TAIL: Final = 8
_SUFFIX: Final = ".parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """What is known of one file: its place below the address, its size in bytes and its footer."""

    path: str
    size: int
    content: bytes

    def metadata(self) -> Any:
        """Return what pyarrow reads in the footer. Raises `CorruptData`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        length = len(self.content).to_bytes(4, "little")
        try:
            return pq.read_metadata(io.BytesIO(_MAGIC + self.content + length + _MAGIC))
        except (pa.ArrowException, OSError) as error:
            raise CorruptData(self.path, f"its footer is no Parquet footer ({error})") from error


class ParquetDataset(TabularDataset):
    """The Parquet files at `uri`; `targets` and `predictions` are the names of columns of them."""

    def __init__(
        self,
        uri: str,
        source: DatasetSource,
        targets: str | None = None,
        name: str | None = None,
        digest: str | None = None,
        predictions: str | None = None,
    ) -> None:
        """Read the footers. Raises `NotFound` if there is no file and `CorruptData` for a bad one."""
        self._uri = uri
        self.footers = read_footers(uri)
        self._metadata = [footer.metadata() for footer in self.footers]
        names = self._metadata[0].schema.to_arrow_schema().names
        super().__init__(
            source, columns=names, targets=targets, predictions=predictions, name=name, digest=digest
        )

    def _compute_digest(self) -> str:
        digest = hashlib.sha256()
        for footer in self.footers:
            content = hashlib.sha256(footer.content).hexdigest()
            digest.update(f"{footer.path}\n{footer.size}\n{content}\n".encode())
        return digest.hexdigest()[:16]

    @property
    def profile(self) -> dict[str, int]:
        """The number of files, of their bytes, of rows and of cells."""
        rows = sum(each.num_rows for each in self._metadata)
        return {
            "num_files": len(self.footers),
            "num_bytes": sum(footer.size for footer in self.footers),
            "num_rows": rows,
            "num_elements": rows * len(self._metadata[0].schema.to_arrow_schema()),
        }

    @cached_property
    def schema(self) -> ColumnSchema:
        """The columns as the first file declares them."""
        fields = self._metadata[0].schema.to_arrow_schema()
        return ColumnSchema(
            tuple(
                ColumnSpec(type=_type(one.type), name=one.name, required=not one.nullable) for one in fields
            )
        )

    @cached_property
    def df(self) -> Any:
        """All rows as a pandas table; read when it is first asked for."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        store, keys = _files(self._uri)
        tables = [pq.read_table(io.BytesIO(_whole(store, key))) for key in keys]
        return pa.concat_tables(tables, promote_options="default").to_pandas()

    def _frame(self) -> Any:
        """Return all rows."""
        return self.df


def from_parquet(
    uri: str | Path,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> ParquetDataset:
    """Make a dataset of the Parquet file at `uri`, or of all ``.parquet`` files below it.

    Args:
        uri: A path, ``file://…``, ``s3://…`` or another address of a store.
        targets: The column of what is to be predicted.
        name: A name for people, ``dataset`` by default.
        digest: A fingerprint, by default computed from paths, sizes and footers.
        predictions: The column of what a model predicted.

    Raises:
        NotFound: There is no Parquet file.
        CorruptData: A file is no Parquet file; the error names it.
        InvalidInput: A column is not there.

    >>> import tempfile, pyarrow as pa, pyarrow.parquet as pq
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pq.write_table(pa.table({"acid": [0.1, 0.2]}), f"{folder}/wine.parquet")
    ...     from_parquet(folder).profile["num_rows"]
    2
    """
    return ParquetDataset(str(uri), resolve_source(uri), targets, name, digest, predictions)


def read_footers(uri: str) -> tuple[Footer, ...]:
    """Return the footers of the files at or below `uri`, sorted by path; two small reads for each."""
    store, keys = _files(uri)
    return tuple(_footer(store, key, size) for key, size in keys.items())


def _files(uri: str) -> tuple[BlobStore, dict[str, int]]:
    place = normalize(uri)
    parent, _, name = place.rpartition("/")
    store = open_store(parent or "/")
    if "://" not in place and Path(place).is_dir():
        # a folder of this machine is listed itself: its neighbours may be many
        below = open_store(place)
        found = {blob.key: blob.size for blob in below.list("") if blob.key.endswith(_SUFFIX)}
        return below, _some(found, uri)
    found = {
        blob.key: blob.size
        for blob in store.list(name)
        if blob.key == name or (blob.key.startswith(f"{name}/") and blob.key.endswith(_SUFFIX))
    }
    return store, _some(found, uri)


def _some(found: dict[str, int], uri: str) -> dict[str, int]:
    if not found:
        raise NotFound("Parquet file", uri, hint=f"Nothing at or below this address ends in '{_SUFFIX}'.")
    return dict(sorted(found.items()))


def _footer(store: BlobStore, key: str, size: int) -> Footer:
    tail = store.get(key, Span(start=max(0, size - _TAIL), stop=size)) or b""
    if len(tail) < _TAIL or tail[4:] != _MAGIC:
        raise CorruptData(key, "it does not end as a Parquet file does")
    length = int.from_bytes(tail[:4], "little")
    start = size - _TAIL - length
    if start < len(_MAGIC):
        raise CorruptData(key, f"its footer of {length} bytes is longer than the file")
    content = store.get(key, Span(start=start, stop=size - _TAIL)) or b""
    return Footer(path=key, size=size, content=content)


def _whole(store: BlobStore, key: str) -> bytes:
    found = store.get(key)
    if found is None:
        raise NotFound("Parquet file", key, hint="It was removed after its footer was read.")
    return found


def _type(of: Any) -> ColumnType:
    import pyarrow.types as kinds

    if kinds.is_list(of) or kinds.is_large_list(of) or kinds.is_fixed_size_list(of):
        return ArrayType(_type(of.value_type))
    if kinds.is_dictionary(of):
        return _type(of.value_type)
    for fits, known in (
        (kinds.is_boolean, DataType.BOOLEAN),
        (lambda one: kinds.is_int64(one) or kinds.is_uint32(one), DataType.LONG),
        (lambda one: kinds.is_integer(one) and not kinds.is_uint64(one), DataType.INTEGER),
        (lambda one: kinds.is_float16(one) or kinds.is_float32(one), DataType.FLOAT),
        (kinds.is_float64, DataType.DOUBLE),
        (lambda one: kinds.is_string(one) or kinds.is_large_string(one), DataType.STRING),
        (lambda one: kinds.is_binary(one) or kinds.is_large_binary(one), DataType.BINARY),
        (lambda one: kinds.is_timestamp(one) or kinds.is_date(one), DataType.DATETIME),
    ):
        if fits(of):
            return known
    return AnyType()
