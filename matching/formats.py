"""Reading and writing instances and results: .npz, JSON, canonical order."""

import errno
import io
import json
import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matching.checks import InvalidInstance

if TYPE_CHECKING:
    from matching.instance import Instance

Array = NDArray[Any]
WIDTH = 160  # characters kept of what a library says about a file
EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed date in the archive: the same arrays give the same bytes


def arrays_of(instance: "Instance") -> dict[str, Array]:
    """Return the arrays of an instance by name, in the order of its fields.

    `later` is left out where nobody comes later, so that such an instance keeps its old hash.
    """
    found = {f.name: getattr(instance, f.name) for f in fields(instance)}
    return found if found["later"].any() else {k: v for k, v in found.items() if k != "later"}


def write_npz(arrays: Mapping[str, Array], path: str | Path | None = None) -> bytes:
    """Return the arrays as .npz bytes that depend on nothing else; write them whole to `path`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            body = io.BytesIO()
            np.lib.format.write_array(body, np.ascontiguousarray(array), allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            archive.writestr(member, body.getvalue(), zipfile.ZIP_DEFLATED, 1)
    if path is not None:
        write_whole(Path(path), buffer.getvalue())
    return buffer.getvalue()


def refuse_output(path: Path) -> None:
    """Raise OSError where no file can be put: in no directory, on one, or on a device."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it appears complete or not at all."""
    refuse_output(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def read_npz(source: bytes | str | Path) -> dict[str, Array]:
    """Read every array of an .npz given as bytes or as a path; OSError, or InvalidInstance."""
    where, found = "", {}
    with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as raw:
        try:
            if not zipfile.is_zipfile(raw):
                raise ValueError("no zip archive, or cut short")
            raw.seek(0)
            with np.load(raw, allow_pickle=False) as archive:
                for name in archive.files:
                    where = f"{name}: "
                    found[name] = archive[name]
        except Exception as error:  # numpy and zipfile raise nearly anything on damaged bytes
            said = str(error) or type(error).__name__
            what = "objects instead of numbers" if "allow_pickle" in said else said
            line = f"{where}not a readable .npz file: {what}"
            raise InvalidInstance(named(source, line.splitlines()[0][:WIDTH])) from None
    return found


def named(source: bytes | str | Path, line: str) -> str:
    """Put the name of the file before a line about it, if it has one."""
    return line if isinstance(source, bytes) else f"{source}: {line}"


def write_json(arrays: Mapping[str, Array]) -> str:
    """Return the arrays as JSON lists of integers."""
    return json.dumps({name: a.astype(np.int64).tolist() for name, a in arrays.items()})


def read_json(text: str | bytes) -> dict[str, Any]:
    """Read an object of lists."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInstance(f"not readable JSON: {error}") from None
    if not isinstance(content, dict):
        raise InvalidInstance("not readable JSON: an object of arrays is wanted")
    return {str(name): value for name, value in content.items()}


def canonical(instance: "Instance") -> "Instance":
    """Sort pupils and choices by key, wishes by (completion, rank, key), segments by number."""
    pupils, choices = instance.canonical_order
    place = np.empty(instance.m + 1, np.int64)  # old index → new index; −1 stays −1
    place[choices] = np.arange(instance.m)
    place[-1] = -1
    wish = place[instance.wish[pupils]]
    width = int((wish >= 0).sum(axis=1).max(initial=0))
    arcs = {name: getattr(instance, name)[pupils] for name in ("dist", "rank", "completion", "ban")}
    order = np.lexsort((wish, arcs["rank"], arcs["completion"], wish < 0), axis=1)[:, :width]
    changed = {name: np.take_along_axis(array, order, 1) for name, array in arcs.items()}
    changed["wish"] = np.take_along_axis(wish, order, 1)
    for name in ("tier", "school", "pupil_key", "lottery", "later"):
        changed[name] = getattr(instance, name)[pupils]
    for name in ("lock", "held"):
        value = getattr(instance, name)[pupils]
        changed[name] = np.where(value >= 0, place[np.maximum(value, -1)], value)
    for name in ("cap", "week", "host", "school_cap", "reserve", "min_group", "pool", "choice_key"):
        changed[name] = getattr(instance, name)[choices]
    segments = [instance.segments_of(int(j)) for j in choices] if len(instance.parc_seg) else []
    lengths = [len(s) for s in segments] or [0] * instance.m
    changed["parc_ptr"] = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    changed["parc_seg"] = np.concatenate([*segments, np.zeros(0, np.int32)])
    return replace(instance, **changed)
