"""The cells of a file of offers: each reader gives a value or refuses in words."""

import re
from datetime import date

from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError
from stdnum.fr import siret as siret_numbers

from models import USUAL, Day, HostKind, Sector, Span
from web.services.errors import Refused
from web.services.offer_drafts import SEATS_MAX
from web.services.spelling import plain

KINDS = {plain(kind.label): kind for kind in HostKind} | {
    "etat": HostKind.STATE,
    "service de l'etat": HostKind.STATE,
    "collectivite": HostKind.LOCAL_AUTHORITY,
}
SECTORS = {plain(sector.label): sector for sector in Sector}
DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})|(\d{4})-(\d{2})-(\d{2})")
TIMES = re.compile(r"(\d{1,2})\s*[h:](?:\s*(\d{2})(?![\d\s]*[h:]))?")


def group_from(text: str) -> int | None:
    """From how many pupils a group opens, or None."""
    return _whole(text, 2) if text.strip() else None


def seats_kept(text: str) -> int:
    """The seats of each week kept for REP+ and REP."""
    return _whole(text, 0) if text.strip() else 0


def _whole(text: str, least: int) -> int:
    if not text.strip().isdecimal() or not least <= int(text) <= SEATS_MAX:
        raise Refused(f"écrivez un nombre entier de {least} à {SEATS_MAX}.")
    return int(text)


def day_of_release(text: str) -> date | None:
    """When the seats kept open to all, or None."""
    found = date_of(text)
    if text.strip() and found is None:
        raise Refused(f"« {text} » n’est pas une date. Par exemple : 15/10/2026.")
    return found


def kind_of(text: str) -> HostKind:
    """The kind of a host; empty: a company."""
    if not text:
        return HostKind.COMPANY
    found = KINDS.get(plain(text))
    if found is None:
        raise Refused(f"« {text} » n’est pas un type connu (feuille « Mots » du modèle).")
    return found


def siret_of(text: str) -> str | None:
    """A SIRET that can exist, or None."""
    digits = re.sub(r"[\s.-]", "", text)
    if not digits:
        return None
    try:
        return str(siret_numbers.validate(digits))
    except ValidationError:
        raise Refused("ce numéro n’existe pas, vérifiez ses 14 chiffres.") from None


def email_of(text: str) -> str:
    """An address, or nothing."""
    if not text:
        return ""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Refused(f"« {text} » n’est pas une adresse valable.") from None


def sector_of(text: str) -> Sector | None:
    """A sector by its label, or None."""
    if not text:
        return None
    found = SECTORS.get(plain(text))
    if found is None:
        raise Refused(f"« {text} » n’est pas un secteur connu (feuille « Mots » du modèle).")
    return found


def hours_of(text: str) -> tuple[Day, ...]:
    """« 9h-12h 13h-16h » for every day; empty: the usual thirty hours."""
    if not text:
        return USUAL
    times = [60 * int(h) + int(m or 0) for h, m in TIMES.findall(text)]
    if len(times) not in (2, 4) or max(times) >= 24 * 60:
        raise Refused(f"« {text} » ne se lit pas. Par exemple : 9h-12h 13h-16h.")
    spans = [Span(*times[:2]), Span(*times[2:]) if len(times) == 4 else None]
    return tuple(Day(weekday, spans[0], spans[1]) for weekday in range(5))


def date_of(text: str) -> date | None:
    """« 7/12/2026 » or « 2026-12-07 »."""
    match = DATE.fullmatch(text.strip())
    if match is None:
        return None
    day, month, year = match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
