"""What the paper fonts can draw.

A paper for blind readers (PDF/UA-1) refuses any other sign: one emoji in the name of a structure
would leave a whole class without its papers.
"""

import struct
import unicodedata
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
import fontpkg_noto_sans_arabic

FONTS = [
    Path(package.__file__).parent / "files"
    for package in (fontpkg_noto_sans, fontpkg_noto_sans_arabic)
]
KEPT = "\n\t\u2066\u2067\u2068\u2069"
"""Line ends and marks of reading order: they are not drawn."""


def printable(told: object) -> object:
    """Data for a paper: the same shape, its texts without a sign that no font draws.

    A letter of another script becomes « ? », so that a reader sees that one is missing; a picture
    only goes.
    """
    if isinstance(told, str):
        return told if told.isascii() else _drawn(told)
    if isinstance(told, dict):
        return {name: printable(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [printable(value) for value in told]
    return told


def _drawn(text: str) -> str:
    known = _signs()
    text = unicodedata.normalize("NFC", text)
    kept = (
        sign if sign in known or sign in KEPT else "?" if sign.isalnum() else "" for sign in text
    )
    return "".join(kept)


@cache
def _signs() -> frozenset[str]:
    """The signs that the upright fonts have, read from their `cmap` table (OpenType 1.9)."""
    files = (path for where in FONTS for path in sorted(where.glob("*.ttf")))
    upright = [path for path in files if "Italic" not in path.name]
    return frozenset(chr(code) for path in upright for code in _codes(path.read_bytes()))


def _codes(font: bytes) -> set[int]:
    (tables,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4sLLL", font, 12 + 16 * rank) for rank in range(tables))
    cmap = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    codes: set[int] = set()
    for rank in range(count):
        _, _, offset = struct.unpack_from(">HHL", font, cmap + 4 + 8 * rank)
        codes |= _segments(font, cmap + offset)
    return codes


def _segments(font: bytes, at: int) -> set[int]:
    (form,) = struct.unpack_from(">H", font, at)
    if form == 12:
        (groups,) = struct.unpack_from(">L", font, at + 12)
        ranges = [struct.unpack_from(">LL", font, at + 16 + 12 * rank) for rank in range(groups)]
    elif form == 4:
        (doubled,) = struct.unpack_from(">H", font, at + 6)
        ends = struct.unpack_from(f">{doubled // 2}H", font, at + 14)
        starts = struct.unpack_from(f">{doubled // 2}H", font, at + 16 + doubled)
        ranges = list(zip(starts, ends, strict=True))
    else:
        ranges = []
    return {code for start, end in ranges for code in range(start, end + 1) if end != 0xFFFF}
