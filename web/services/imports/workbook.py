"""Lists in xlsx: the first sheet that looks like one, values only."""

import io
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from web.services.errors import Refused
from web.services.imports.columns import find_header
from web.services.imports.table import MAX_COLUMNS, MAX_LINES, Row, Table, clean

FIELD = "file"
BROKEN = (
    BadZipFile, DefusedXmlException, InvalidFileException, ParseError, KeyError, ValueError,
    TypeError, AttributeError, IndexError, OSError, EOFError,
)  # fmt: skip
"""What the library raises on files that no spreadsheet wrote."""


def read_workbook(data: bytes) -> Table:
    """Read the sheet that holds the list; a formula stays a formula, for its line to be refused.

    Raises:
        Refused: the workbook is broken, empty, or too long.
    """
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheets = {sheet.title: _rows(sheet) for sheet in book.worksheets if _visible(sheet)}
    except BROKEN:
        raise Refused("Ce classeur est abîmé : enregistrez-le de nouveau en xlsx.", FIELD) from None
    filled = {title: rows for title, rows in sheets.items() if rows}
    if not filled:
        raise Refused("Ce classeur est vide.", FIELD)
    lists = [title for title, rows in filled.items() if find_header(rows) is not None]
    chosen = (lists or list(filled))[0]
    left = [title for title in filled if title != chosen]
    remarks = [f"Feuilles laissées de côté : {', '.join(left)}."] if left else []
    return Table(filled[chosen], f"classeur Excel, feuille « {chosen} »", remarks=remarks)


def _visible(sheet: Any) -> bool:
    return getattr(sheet, "sheet_state", "visible") == "visible"


def _rows(sheet: Any) -> list[Row]:
    sheet.reset_dimensions()  # some programs write false ones, and lines would be lost
    rows: list[Row] = []
    for cells in sheet.iter_rows(max_col=MAX_COLUMNS, max_row=4 * MAX_LINES):
        number = next((cell.row for cell in cells if hasattr(cell, "row") and cell.row), 0)
        texts = [clean(_text(cell)) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            rows.append(Row(number, texts))
        if len(rows) > MAX_LINES:
            raise Refused(f"Ce classeur a plus de {MAX_LINES} lignes : ne gardez que la 3e.", FIELD)
    return rows


def _text(cell: Any) -> str:
    value = cell.value
    if cell.data_type == "f":
        return f"={str(value).lstrip('=')}"
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
