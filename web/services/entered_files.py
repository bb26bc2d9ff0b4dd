"""Offers in a spreadsheet: read, shown line by line with what is wrong, then entered at once."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from sqlalchemy.orm import Session

from models import (
    HostKind,
    Offer,
    OfferImport,
    OfferKind,
    Sector,
    entered_in_territory,
    offer_import_of,
    weeks_of,
)
from web.services.entered import By, OfferEntry, write_entered
from web.services.entered_cells import (
    date_of,
    day_of_release,
    email_of,
    group_from,
    hours_of,
    kind_of,
    seats_kept,
    sector_of,
    siret_of,
)
from web.services.errors import Gone, Refused
from web.services.hosts import HostEntry, SiteEntry
from web.services.imports.reading import read_file
from web.services.imports.table import Row
from web.services.journal import record
from web.services.offer_drafts import Activity, Practical
from web.services.seasons import needed_campaign
from web.services.spelling import plain

MOST_LINES = 500
COLUMNS = {
    "structure": "Structure",
    "kind": "Type",
    "siret": "SIRET",
    "address": "Adresse",
    "postcode": "Code postal",
    "commune": "Commune",
    "title": "Titre",
    "description": "Description",
    "sector": "Secteur",
    "hours": "Horaires",
    "access": "Accès",
    "contact": "Contact",
    "email": "Courriel",
    "phone": "Téléphone",
    "group": "Groupe à partir de",
    "kept": "Places gardées pour REP+ et REP",
    "kept_until": "Gardées jusqu’au",
}
MOST_SIGNS = {
    "structure": 200,
    "address": 200,
    "commune": 100,
    "title": 120,
    "description": 1500,
    "access": 500,
    "contact": 100,
    "phone": 30,
}
NEEDED = ("structure", "address", "postcode", "commune", "title", "description", "sector")
NEEDED_TOO = ("contact", "email")
EXAMPLE = {
    "structure": "Menuiserie Le Goff",
    "kind": "Entreprise",
    "siret": "73282932000074",
    "address": "3 rue du Port",
    "postcode": "44400",
    "commune": "Rezé",
    "title": "Découvrir une menuiserie",
    "description": "L’élève suit les menuisiers, de l’idée au meuble fini.",
    "sector": "Filière bois",
    "hours": "9h-12h 13h-16h",
    "access": "Tram 3, arrêt Pirmil",
    "contact": "Anne Le Goff",
    "email": "anne@exemple.fr",
    "phone": "02 40 00 00 00",
    "group": "",
    "kept": "",
    "kept_until": "",
}


@dataclass(frozen=True)
class Line:
    """One line of the file: what it would enter, or what is wrong with it."""

    number: int
    structure: str
    title: str
    seats: int
    entry: OfferEntry | None
    problems: tuple[str, ...]
    known: bool = False
    """It was entered already: it is left alone."""

    @property
    def ready(self) -> bool:
        """Whether it will be entered."""
        return self.entry is not None and not self.known


def template(session: Session, territory_id: int) -> bytes:
    """An empty workbook with the right columns, one for each week, and the lists of words."""
    campaign = needed_campaign(session, territory_id)
    mondays = [week.monday for week in session.scalars(weeks_of(campaign.id))]
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101  a new workbook has a sheet
    sheet.title = "Offres"
    sheet.append([*COLUMNS.values(), *(f"{monday:%d/%m/%Y}" for monday in mondays)])
    sheet.append([*(EXAMPLE[code] or None for code in COLUMNS), 2])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    words = book.create_sheet("Mots")
    words.append(["Type", "Secteur"])
    for n in range(max(len(HostKind), len(Sector))):
        kinds, sectors = list(HostKind), list(Sector)
        words.append([kinds[n].label if n < len(kinds) else None, sectors[n].label])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def receive_file(session: Session, by: By, data: bytes, name: str, *, now: datetime) -> OfferImport:
    """Read a file and keep its lines until its author confirms; nothing is entered.

    Raises:
        Refused: not a table, no header that can be read, empty or too long.
    """
    needed_campaign(session, by.territory_id)
    rows = list(read_file(data).rows)
    at = next((i for i, row in enumerate(rows[:20]) if _is_header(row)), None)
    if at is None:
        raise Refused(
            "Aucune ligne de titres reconnue : il faut au moins Structure, Titre, Courriel et une "
            "colonne par semaine. Partez du modèle.",
            "file",
        )
    columns = _columns(rows[at].cells)
    lines = [row for row in rows[at + 1 :] if row.filled and not _is_example(row, columns)]
    if not lines:
        raise Refused("Ce fichier n’a aucune offre sous ses titres.", "file")
    if len(lines) > MOST_LINES:
        raise Refused(f"{MOST_LINES} offres au plus par fichier.", "file")
    made = OfferImport(
        author_id=by.account_id,
        territory_id=by.territory_id,
        file_name=name[:200],
        header=list(rows[at].cells),
        lines=[[row.number, list(row.cells)] for row in lines],
        created_at=now,
    )
    session.add(made)
    session.commit()
    return made


def import_seen(session: Session, by: By, import_id: int) -> OfferImport:
    """One import of this person.

    Raises:
        Gone: there is none.
    """
    found = session.scalar(offer_import_of(import_id, by.account_id or 0))
    if found is None:
        raise Gone("Cet import n’existe pas.")
    return found


def lines_of(session: Session, found: OfferImport) -> list[Line]:
    """Each line with what it would enter or what is wrong, checked but not written."""
    campaign = needed_campaign(session, found.territory_id)
    mondays = {week.monday for week in session.scalars(weeks_of(campaign.id))}
    columns = _columns(found.header)
    weeks = _week_columns(found.header)
    known = {_mark(one.offer) for one in session.scalars(entered_in_territory(found.territory_id))}
    lines, seen = [], set(known)
    for number, cells in found.lines:
        one = _line(number, cells, columns, weeks, mondays)
        mark = _mark_of(one)
        lines.append(Line(**{**vars(one), "known": mark in seen}) if one.entry else one)
        if one.entry:
            seen.add(mark)
    return lines


def confirm_import(session: Session, by: By, import_id: int, *, now: datetime) -> OfferImport:
    """Enter every line that is ready, all or none; confirmed twice, entered once.

    Raises:
        Refused: no line is ready, or one is refused for a reason that only writing shows.
    """
    found = import_seen(session, by, import_id)
    if found.confirmed_at is not None:
        return found
    ready = [line for line in lines_of(session, found) if line.ready]
    if not ready:
        raise Refused("Aucune ligne n’est prête : corrigez le fichier et renvoyez-le.")
    for line in ready:
        assert line.entry is not None  # noqa: S101  what `ready` says
        try:
            write_entered(session, by, line.entry, now=now)
        except Refused as refused:
            raise Refused(f"Ligne {line.number} : {refused}") from refused
    found.confirmed_at, found.entered = now, len(ready)
    subject = f"import:{found.id}"
    record(session, "offers.imported", subject, by=by.account_id, now=now, count=len(ready))
    session.commit()
    return found


def _is_header(row: Row) -> bool:
    found = _columns(row.cells)
    return {"structure", "title", "email"} <= found.keys()


def _is_example(row: Row, columns: Mapping[str, int]) -> bool:
    """Whether a line is the one that shows how to fill the model."""
    told = ("structure", "title", "email")
    return all(
        columns[code] < len(row.cells) and row.cells[columns[code]] == EXAMPLE[code]
        for code in told
    )


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Where each column is: titles are compared without accents or capitals."""
    places = {plain(title): index for index, title in enumerate(header)}
    named = {code: places.get(plain(title)) for code, title in COLUMNS.items()}
    return {code: index for code, index in named.items() if index is not None}


def _week_columns(header: Sequence[str]) -> dict[int, date]:
    found = {}
    for index, title in enumerate(header):
        day = date_of(title)
        if day is not None:
            found[index] = day
    return found


def _line(
    number: int,
    cells: Sequence[str],
    columns: Mapping[str, int],
    weeks: Mapping[int, date],
    mondays: set[date],
) -> Line:
    """Read one line; every mistake is told, not only the first."""
    value = {code: cells[at] if at < len(cells) else "" for code, at in columns.items()}
    problems: list[str] = []

    def read(code: str, reader: Callable[[str], Any]) -> Any:
        try:
            return reader(value.get(code, ""))
        except Refused as refused:
            problems.append(f"{COLUMNS[code]} : {refused}")
            return None

    problems += _shape(value)
    kind = read("kind", kind_of)
    number_of_site = read("siret", siret_of)
    email, sector = read("email", email_of), read("sector", sector_of)
    days = read("hours", hours_of)
    group, kept = read("group", group_from), read("kept", seats_kept)
    kept_until = read("kept_until", day_of_release)
    seats = _seats(cells, weeks, mondays, problems)
    problems += _counts(seats, group, kept or 0)
    if (
        kind is not HostKind.STATE
        and not number_of_site
        and not any("SIRET" in p for p in problems)
    ):
        problems.append("SIRET : il manque ; seuls les services de l’État peuvent s’en passer.")
    entry = None
    if not problems:
        site = SiteEntry(
            number_of_site,
            value["structure"],
            value["address"],
            value["postcode"].replace(" ", ""),
            value["commune"],
        )
        entry = OfferEntry(
            HostEntry(value["structure"], kind, site, value["contact"], email),
            Activity(
                0,
                value["title"],
                value["description"],
                sector,
                kind=OfferKind.GROUP if group else OfferKind.SINGLE,
                min_group=group,
                reserved_seats=kept or 0,
                reserve_until=kept_until,
            ),
            Practical(
                days=days,
                access=value.get("access", ""),
                contact_name=value["contact"],
                contact_email=email,
                contact_phone=value.get("phone", ""),
            ),
            seats,
        )
    total = sum(seats.values())
    structure, title = value.get("structure", ""), value.get("title", "")
    return Line(number, structure, title, total, entry, tuple(problems))


def _shape(value: Mapping[str, str]) -> list[str]:
    """What is missing, is a formula, is too short or too long."""
    found = []
    for code in (*NEEDED, *NEEDED_TOO):
        if not value.get(code):
            found.append(f"{COLUMNS[code]} : il manque.")
        elif value[code].startswith("="):
            found.append(f"{COLUMNS[code]} : une formule, écrivez sa valeur.")
    found += [
        f"{COLUMNS[code]} : {most} signes au plus."
        for code, most in MOST_SIGNS.items()
        if len(value.get(code, "")) > most
    ]
    if 0 < len(value.get("description", "")) < 30:
        found.append("Description : 30 signes au moins.")
    return found


def _counts(seats: Mapping[date, int], group: int | None, kept: int) -> list[str]:
    """What a group or the seats kept ask of the places of each week."""
    found, most = [], max(seats.values(), default=0)
    if group and any(count < group for count in seats.values()):
        found.append(f"Places : un groupe compte au moins {group} élèves.")
    if seats and kept > most:
        found.append(f"{COLUMNS['kept']} : {most} au plus, comme les places d’une semaine.")
    return found


def _seats(
    cells: Sequence[str], weeks: Mapping[int, date], mondays: set[date], problems: list[str]
) -> dict[date, int]:
    found = {}
    for index, monday in weeks.items():
        text = cells[index].strip() if index < len(cells) else ""
        if not text or text == "0":
            continue
        if not text.isdecimal() or int(text) > 30:
            problems.append(f"{monday:%d/%m/%Y} : écrivez un nombre de places, de 0 à 30.")
        elif monday not in mondays:
            problems.append(f"{monday:%d/%m/%Y} : ce n’est pas une semaine de la campagne.")
        else:
            found[monday] = int(text)
    if not found and not any("places" in p or "semaine" in p for p in problems):
        problems.append("Places : aucune semaine n’en a.")
    return found


def _mark(offer: Offer) -> tuple[str, str, str]:
    site = offer.site
    return (plain(offer.title), plain(site.host.name), site.siret or site.claimed_siret or "")


def _mark_of(line: Line) -> tuple[str, str, str]:
    siret = line.entry.host.site.siret if line.entry else None
    return (plain(line.title), plain(line.structure), siret or "")
