"""Offers in a spreadsheet: read, shown line by line with what is wrong, then entered at once."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email
from openpyxl import Workbook
from openpyxl.styles import Font
from sqlalchemy.orm import Session
from stdnum.exceptions import ValidationError
from stdnum.fr import siret as siret_numbers

from models import (
    USUAL,
    Day,
    HostKind,
    Offer,
    OfferImport,
    Sector,
    Span,
    entered_in_territory,
    offer_import_of,
    weeks_of,
)
from web.services.entered import By, OfferEntry, write_entered
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
}
NEEDED = ("structure", "address", "postcode", "commune", "title", "description", "sector")
NEEDED_TOO = ("contact", "email")
KINDS = {plain(kind.label): kind for kind in HostKind} | {
    "etat": HostKind.STATE,
    "service de l'etat": HostKind.STATE,
    "collectivite": HostKind.LOCAL_AUTHORITY,
}
SECTORS = {plain(sector.label): sector for sector in Sector}
DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})|(\d{4})-(\d{2})-(\d{2})")
TIMES = re.compile(r"(\d{1,2})\s*[h:](?:\s*(\d{2})(?![\d\s]*[h:]))?")
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
    sheet.append([*EXAMPLE.values(), 2])
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
    lines = [row for row in rows[at + 1 :] if row.filled]
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


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Where each column is: titles are compared without accents or capitals."""
    places = {plain(title): index for index, title in enumerate(header)}
    named = {code: places.get(plain(title)) for code, title in COLUMNS.items()}
    return {code: index for code, index in named.items() if index is not None}


def _week_columns(header: Sequence[str]) -> dict[int, date]:
    found = {}
    for index, title in enumerate(header):
        match = DATE.fullmatch(title.strip())
        if match:
            day, month, year = match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)
            try:
                found[index] = date(int(year), int(month), int(day))
            except ValueError:
                continue
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

    for code in (*NEEDED, *NEEDED_TOO):
        if not value.get(code):
            problems.append(f"{COLUMNS[code]} : il manque.")
        elif value[code].startswith("="):
            problems.append(f"{COLUMNS[code]} : une formule, écrivez sa valeur.")
    kind = read("kind", _kind)
    number_of_site = read("siret", _siret)
    email, sector = read("email", _email), read("sector", _sector)
    days = read("hours", _hours)
    seats = _seats(cells, weeks, mondays, problems)
    if len(value.get("description", "")) < 30 and value.get("description"):
        problems.append("Description : 30 signes au moins.")
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
            Activity(0, value["title"][:120], value["description"], sector),
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


def _kind(text: str) -> HostKind:
    if not text:
        return HostKind.COMPANY
    found = KINDS.get(plain(text))
    if found is None:
        raise Refused(f"« {text} » n’est pas un type connu (feuille « Mots » du modèle).")
    return found


def _siret(text: str) -> str | None:
    digits = re.sub(r"[\s.-]", "", text)
    if not digits:
        return None
    try:
        return str(siret_numbers.validate(digits))
    except ValidationError:
        raise Refused("ce numéro n’existe pas, vérifiez ses 14 chiffres.") from None


def _email(text: str) -> str:
    if not text:
        return ""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Refused(f"« {text} » n’est pas une adresse valable.") from None


def _sector(text: str) -> Sector | None:
    if not text:
        return None
    found = SECTORS.get(plain(text))
    if found is None:
        raise Refused(f"« {text} » n’est pas un secteur connu (feuille « Mots » du modèle).")
    return found


def _hours(text: str) -> tuple[Day, ...]:
    """« 9h-12h 13h-16h » for every day; empty: the usual thirty hours."""
    if not text:
        return USUAL
    times = [60 * int(h) + int(m or 0) for h, m in TIMES.findall(text)]
    if len(times) not in (2, 4) or max(times) >= 24 * 60:
        raise Refused(f"« {text} » ne se lit pas. Par exemple : 9h-12h 13h-16h.")
    spans = [Span(*times[:2]), Span(*times[2:]) if len(times) == 4 else None]
    return tuple(Day(weekday, spans[0], spans[1]) for weekday in range(5))


def _mark(offer: Offer) -> tuple[str, str, str]:
    site = offer.site
    return (plain(offer.title), plain(site.host.name), site.siret or site.claimed_siret or "")


def _mark_of(line: Line) -> tuple[str, str, str]:
    siret = line.entry.host.site.siret if line.entry else None
    return (plain(line.title), plain(line.structure), siret or "")
