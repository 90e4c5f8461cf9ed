"""Merging the small files of each partition into few large ones, while others read.

A reader lists the files of a folder and opens them one after the other. So that each unit is there once at any
moment, a partition is replaced as a whole: its successor is made beside it, entered into the ledger in one transaction,
and takes its place in one step. The files that were merged go to `.newsmt/retired`, where readers that ask the ledger
still find them, until `gc`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.disk import make_folder, sync_file
from pipeline.errors import OutputError, StateError
from pipeline.store.dataset import Dataset
from pipeline.store.files import MERGED, FileEntry
from pipeline.store.ledger import new_run_id
from pipeline.store.parquet import UnreadableFileError, digest, open_parquet
from pipeline.store.partitions import Partitions
from pipeline.store.schema import arrow_schema, signatures_of

_ROWS_OF_A_GROUP = 65_536
_BYTES_AT_ONCE = 64 << 20
"""Tables are gathered up to so many bytes of memory, then written as a row group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """What was merged, or would be; `is_stopped` tells that some partitions were left for another time."""

    n_partitions: int
    n_files_before: int
    n_files_after: int
    bytes_before: int
    bytes_after: int
    is_stopped: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Files of one partition that become one; `folder` is relative to the output folder, with `/`."""

    folder: str
    files: tuple[FileEntry, ...]


def plan_merges(entries: Iterator[FileEntry] | Sequence[FileEntry], *, file_bytes: int) -> list[Merge]:
    """Return what is worth merging: files smaller than half of `file_bytes`, in the order of their paths.

    The order keeps the rows of a translation together and merged files in the order of the runs.
    """
    small: dict[str, list[FileEntry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: (entry.folder, entry.run_id.removeprefix(MERGED), entry.path)):
        if entry.size_bytes < file_bytes // 2:
            small[entry.folder].append(entry)
    return [
        Merge(folder=folder, files=tuple(group))
        for folder, files in small.items()
        for group in _groups(files, file_bytes)
        if len(group) > 1
    ]


def compact(
    dataset: Dataset,
    *,
    file_bytes: int,
    now: datetime,
    has_readers: bool = True,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Compaction:
    """Merge the small files of an output folder that is open for writing.

    Args:
        dataset: the output folder.
        file_bytes: the size of a full file; what is half as large or larger stays as it is.
        now: the time of day, time zone aware.
        has_readers: False allows file systems that cannot exchange folders; readers would miss rows for a moment.
        is_stopped: asked between partitions whether to finish early.

    Raises:
        StateError: a file is damaged; nothing of its partition is changed.
        WriteError: a file cannot be written; partitions done before stay done.
        OutputError: the corpus is not on a disk.
    """
    if (partitions := dataset.partitions) is None:
        raise OutputError(f"{dataset.location}: is in a storage, where folders cannot change places")
    merges: dict[str, list[Merge]] = defaultdict(list)
    for merge in plan_merges(list(dataset.files), file_bytes=file_bytes):
        merges[merge.folder].append(merge)
    runs = dataset.ledger.runs()
    label = MERGED + new_run_id(runs[-1].run_id if runs else "", now)
    before: list[FileEntry] = []
    after: list[FileEntry] = []
    done = 0
    for folder, own in merges.items():
        if is_stopped():
            break
        old = [file for merge in own for file in merge.files]
        new = [_merged(partitions, merge, f"{label}-{number:05d}") for number, merge in enumerate(own)]
        with dataset.writing():
            partitions.replace(folder, old=old, new=new, now=now, has_readers=has_readers)
        before += old
        after += new
        done += 1
    return Compaction(
        n_partitions=done,
        n_files_before=len(before),
        n_files_after=len(after),
        bytes_before=sum(file.size_bytes for file in before),
        bytes_after=sum(file.size_bytes for file in after),
        is_stopped=done < len(merges),
    )


def _groups(files: Sequence[FileEntry], file_bytes: int) -> Iterator[list[FileEntry]]:
    group: list[FileEntry] = []
    for file in files:
        if group and sum(other.size_bytes for other in group) + file.size_bytes > file_bytes:
            yield group
            group = []
        group.append(file)
    if group:
        yield group


def _merged(partitions: Partitions, merge: Merge, name: str) -> FileEntry:
    """Write the rows of all files into one, in the folder that is to take the partition's place."""
    import pyarrow.parquet as pq

    path = f"{merge.folder}/{name}.parquet"
    target = partitions.compacting / path
    paths = [partitions.folder / file.path for file in merge.files]
    make_folder(target.parent)
    signatures = dict(chain.from_iterable(_signatures(path).items() for path in paths))
    schema = arrow_schema(merge.files[0].table, signatures)
    n_rows = 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for table in _gathered(paths, merge.files):
            n_rows += table.num_rows
            writer.write_table(table.replace_schema_metadata(schema.metadata), row_group_size=_ROWS_OF_A_GROUP)
    sync_file(target)
    size_bytes, hash_of = digest(target)
    return FileEntry(
        path=path, run_id=name.rpartition("-")[0], shard=0, n_rows=n_rows, size_bytes=size_bytes, sha256=hash_of
    )


def _gathered(paths: Sequence[Path], files: Sequence[FileEntry]) -> Iterator[Any]:
    """Yield the rows of all files, in order, as tables worth a row group."""
    import pyarrow as pa

    tables: list[Any] = []
    for path, file in zip(paths, files, strict=True):
        tables.append(_table(path, file))
        if sum(table.nbytes for table in tables) >= _BYTES_AT_ONCE:
            yield pa.concat_tables(tables)
            tables = []
    if tables:
        yield pa.concat_tables(tables)


def _table(path: Path, file: FileEntry) -> Any:
    """Return the rows of a file, which must be the one that was committed: damage is not to be passed on.

    Raises:
        StateError: it is another one, or cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        data = path.read_bytes()
        is_own = sha256(data).hexdigest() == file.sha256
        table = pq.read_table(pa.BufferReader(data), schema=arrow_schema(file.table)) if is_own else None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    if table is None:
        raise _damaged(path, "it is not the file that was written")
    return table


def _signatures(path: Path) -> dict[str, str]:
    try:
        with open_parquet(path) as file:
            return signatures_of(file.schema_arrow.metadata)
    except UnreadableFileError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, finding: str) -> StateError:
    return StateError(f"{path}: cannot be merged ({finding}); `newsmt check` lists all damage, `--repair` mends it")
