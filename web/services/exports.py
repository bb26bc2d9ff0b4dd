"""The follow-up of a school as a file: every cell is text, none can be taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from web.format import moment, week
from web.services.follow_up import Followed

COLUMNS = (
    "Nom",
    "Prénom",
    "Classe",
    "État",
    "Vœux",
    "Liste enregistrée",
    "Liste confirmée",
    "Stage",
    "Structure",
    "Commune",
    "Semaine",
    "Rang du vœu",
)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet read a text as a formula."""

BOM = "\ufeff"


def follow_up_csv(rows: Iterable[Followed]) -> bytes:
    """UTF-8 with its mark, semicolons: what a French spreadsheet opens with a double click."""
    text = io.StringIO(BOM, newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([harmless(cell) for cell in _cells(row)] for row in rows)
    return text.getvalue().encode()


def follow_up_xlsx(rows: Iterable[Followed]) -> bytes:
    """A workbook whose cells are marked as text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Suivi")
    sheet.freeze_panes = "A2"
    for index, _ in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + index)].width = 22
    sheet.append([_cell(sheet, title, bold=True) for title in COLUMNS])
    for row in rows:
        sheet.append([_cell(sheet, text) for text in _cells(row)])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def harmless(text: str) -> str:
    """The same text, behind an apostrophe if a spreadsheet might run it."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _cell(sheet: Any, text: str, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=harmless(text))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _cells(row: Followed) -> Sequence[str]:
    pupil, place = row.pupil, row.placement
    held = place.offer_week if place else None
    return (
        pupil.last_name,
        pupil.first_name,
        pupil.school_class.name,
        row.status.label,
        str(len(pupil.wishes)),
        moment(pupil.wishes_saved_at) if pupil.wishes_saved_at else "",
        moment(pupil.wishes_confirmed_at) if pupil.wishes_confirmed_at else "",
        held.offer.title if held else "",
        held.offer.host_names if held else "",
        held.offer.site.commune if held else "",
        week(held.week.monday) if held else "",
        str(place.rank) if place and place.rank else "",
    )
