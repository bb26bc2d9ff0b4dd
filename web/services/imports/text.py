"""Lists in plain text: their encoding, their separator, their rows."""

import csv
import io
import re
from collections import Counter

from web.services.errors import Refused
from web.services.imports.table import MAX_COLUMNS, MAX_LINES, Row, Table, clean

SEPARATORS = {";": "point-virgule", "\t": "tabulation", ",": "virgule", "|": "barre verticale"}
ENCODINGS = {
    "utf_8": "UTF-8",
    "utf_16": "UTF-16",
    "cp1252": "Windows-1252",
    "iso8859_15": "ISO-8859-15",
    "mac_roman": "Mac",
}
EIGHT_BITS = ("cp1252", "iso8859_15", "mac_roman")
USUAL = frozenset("àâäáãçéèêëíîïñóôöõùúûüÿœæÀÂÄÁÃÇÉÈÊËÍÎÏÑÓÔÖÕÙÚÛÜŸŒÆ’«»°€–\u00a0")
"""What is not ASCII in a list of French names: a statistical guess needs longer texts."""

MARKS = ((b"\xef\xbb\xbf", "utf_8"), (b"\xff\xfe", "utf_16"), (b"\xfe\xff", "utf_16"))
TWICE = ("Ã©", "Ã¨", "Ã«", "Ã§", "Ã¯", "Ã‰")
"""What « é » and others become when UTF-8 is read as Windows-1252, then saved."""

SAMPLE = 200
FIELD = "file"


def read_text(data: bytes) -> Table:
    """Read CSV or text with tabulations, whatever its encoding and separator."""
    text, encoding = decode(data)
    return table_of(text, encoding)


def read_pasted(text: str) -> Table:
    """Read what was pasted from a spreadsheet: tabulations, most of the time."""
    try:
        return table_of(text, "texte collé")
    except Refused as refused:
        raise Refused(str(refused), "pasted") from None


def decode(data: bytes) -> tuple[str, str]:
    """The text and its encoding in words.

    Raises:
        Refused: these bytes are no text.
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            try:
                return data.decode("utf_8_sig" if name == "utf_8" else name), ENCODINGS[name]
            except UnicodeDecodeError:
                break
    if b"\x00" in data:
        raise Refused("Ce fichier n’est pas une liste : envoyez du XML, du CSV ou un xlsx.", FIELD)
    try:
        return _untwice(data.decode("utf-8-sig")), ENCODINGS["utf_8"]
    except UnicodeDecodeError:
        name = min(EIGHT_BITS, key=lambda one: _oddity(data.decode(one, errors="replace")))
    return data.decode(name, errors="replace"), ENCODINGS[name]


def _oddity(text: str) -> int:
    """How much a text has of what no list of French names holds."""
    strange = sum(not sign.isascii() and sign not in USUAL for sign in text)
    return strange + len(re.findall(r"[a-zß-ÿœ][À-ÞŒ]", text))


def table_of(text: str, encoding: str) -> Table:
    """The rows of a text, split by the separator that gives the most regular table."""
    flat = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _, rest = flat.partition("\n")
    skipped = 0
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        flat, skipped = rest, 1  # Excel's own way to name the separator
    separator = _separator(flat)
    rows = [Row(number + skipped, cells) for number, cells in _rows(flat, separator)]
    return Table(rows, f"{SEPARATORS[separator]}, {encoding}")


def _untwice(text: str) -> str:
    """Undo an accent saved twice, when the whole text can be."""
    if not any(sign in text for sign in TWICE):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def _separator(text: str) -> str:
    """The separator under which most lines have the same number of cells, the more the better."""

    def regular(separator: str) -> tuple[int, int]:
        widths = Counter(len(cells) for _, cells in _split(text, separator, SAMPLE))
        widths.pop(1, None)
        if not widths:
            return 0, 0
        width, lines = max(widths.items(), key=lambda item: item[0] * item[1])
        return width * lines, width

    return max(SEPARATORS, key=regular)


def _rows(text: str, separator: str) -> list[tuple[int, list[str]]]:
    found = _split(text, separator, MAX_LINES + 1)
    if len(found) > MAX_LINES:
        raise Refused(f"Ce fichier a plus de {MAX_LINES} lignes : n’exportez que la 3e.", FIELD)
    return found


def _split(text: str, separator: str, at_most: int) -> list[tuple[int, list[str]]]:
    """Lines with their number; quotes are only signs when the file does not close them."""
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        reader = csv.reader(
            io.StringIO(text), delimiter=separator, quoting=quoting, strict=quoting == 0
        )
        rows: list[tuple[int, list[str]]] = []
        try:
            start = 1
            for raw in reader:
                cells = [clean(cell) for cell in raw[:MAX_COLUMNS]]
                if any(cells):
                    rows.append((start, cells))
                start = reader.line_num + 1
                if len(rows) == at_most:
                    break
        except csv.Error:
            continue
        return rows
    raise Refused("Les lignes de ce fichier ne se laissent pas lire.", FIELD)
