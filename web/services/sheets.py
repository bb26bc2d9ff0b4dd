"""Tables as files for spreadsheets: no cell can be taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from web.services.exports import BOM, harmless

Cell = str | int
Rows = Iterable[Sequence[Cell]]


def csv_file(titles: Sequence[str], rows: Rows) -> bytes:
    """UTF-8 with its mark and semicolons: what a French spreadsheet opens with a double click."""
    text = io.StringIO(BOM, newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows([harmless(str(cell)) for cell in row] for row in rows)
    return text.getvalue().encode()


def ods_file(sheets: Iterable[tuple[str, Sequence[str], Rows]]) -> bytes:
    """An OpenDocument workbook of (name, titles, rows); numbers are numbers, the rest is text."""
    book = OpenDocumentSpreadsheet()
    for name, titles, rows in sheets:
        sheet = Table(name=name)
        for row in (titles, *rows):
            line = TableRow()
            for cell in row:
                line.addElement(_cell(cell))
            sheet.addElement(line)
        book.spreadsheet.addElement(sheet)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _cell(value: Cell) -> TableCell:
    if isinstance(value, int):
        made = TableCell(valuetype="float", value=value)
        made.addElement(P(text=str(value)))
    else:
        made = TableCell(valuetype="string")
        made.addElement(P(text=harmless(value)))
    return made
