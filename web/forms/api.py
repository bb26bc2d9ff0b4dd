"""The body of an offer in JSON: read strictly, every mistake told with a pointer to it."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError
from stdnum.fr import siret as siret_numbers

from models import USUAL, Day, HostKind, Need, OfferKind, Sector, Span
from web.services.entered import OfferEntry
from web.services.hosts import HostEntry, SiteEntry
from web.services.offer_drafts import SEATS_MAX, Activity, Practical

CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
KINDS = {kind.value: kind for kind in HostKind}
SECTORS = {sector.value: sector for sector in Sector}
NEEDS = {need.value for need in Need}
MISSING = "ce champ manque."


class Body:
    """An object of the body, read key by key; what nobody reads is refused."""

    def __init__(self, value: Any, pointer: str, errors: list[tuple[str, str]]) -> None:
        self.pointer, self.errors = pointer, errors
        self.value: Mapping[str, Any] = value if isinstance(value, dict) else {}
        self.read: set[str] = set()
        self.whole_is_wrong = not isinstance(value, dict)
        if self.whole_is_wrong and (pointer, MISSING) not in errors:
            self.wrong("", "un objet est attendu.")

    def wrong(self, key: str, said: str) -> None:
        """Note a mistake at a key."""
        self.errors.append((f"{self.pointer}/{key}" if key else self.pointer or "/", said))

    def text(self, key: str, most: int, *, least: int = 0, needed: bool = True) -> str:
        """A text, trimmed."""
        value = self._take(key, needed)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(key, "un texte est attendu.")
            return ""
        text = value.replace("\x00", "").encode(errors="ignore").decode().strip()
        if needed and not text:
            self.wrong(key, "ce texte est vide.")
        elif len(text) < least:
            self.wrong(key, f"{least} signes au moins.")
        elif len(text) > most:
            self.wrong(key, f"{most} signes au plus.")
        return text

    def whole(self, key: str, least: int, most: int, *, needed: bool = False) -> int | None:
        """A whole number, or None."""
        value = self._take(key, needed)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(key, f"un nombre entier de {least} à {most} est attendu.")
            return None
        return value

    def day(self, key: str) -> date | None:
        """A date, or None when absent."""
        text = self.text(key, 10, needed=False)
        if not text:
            return None
        try:
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            self.wrong(key, "une date est attendue, par exemple 2026-10-15.")
            return None

    def yes(self, key: str) -> bool:
        """A boolean, false when absent."""
        value = self._take(key, False)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "true ou false est attendu.")
        return value is True

    def one_of(self, key: str, words: Mapping[str, Any]) -> Any:
        """One word of a list."""
        value = self.text(key, 100)
        if value and value not in words:
            self.wrong(key, "ce mot n’est pas dans la liste : voyez GET /api/v1/reference.")
        return words.get(value)

    def part(self, key: str) -> "Body":
        """An object inside."""
        return Body(self._take(key, True), f"{self.pointer}/{key}", self.errors)

    def parts(self, key: str, most: int, *, needed: bool = True) -> Iterator["Body"]:
        """A list of objects inside."""
        value = self._take(key, needed)
        if value is None:
            return
        if not isinstance(value, list) or len(value) > most:
            self.wrong(key, f"une liste de {most} éléments au plus est attendue.")
            return
        for index, one in enumerate(value):
            yield Body(one, f"{self.pointer}/{key}/{index}", self.errors)

    def words(self, key: str, known: set[str]) -> tuple[str, ...]:
        """A list of words, empty when absent."""
        value = self._take(key, False)
        if value is None:
            return ()
        if not isinstance(value, list) or any(
            not isinstance(word, str) or word not in known for word in value
        ):
            self.wrong(key, "une liste de mots connus est attendue : voyez GET /api/v1/reference.")
            return ()
        return tuple(value)

    def span(self, key: str) -> Span | None:
        """["09:00", "12:00"], or null."""
        value = self._take(key, False)
        if value is None:
            return None
        if isinstance(value, list) and len(value) == 2:
            times = [CLOCK.fullmatch(v) if isinstance(v, str) else None for v in value]
            if times[0] and times[1]:
                start, end = (60 * int(t[1]) + int(t[2]) for t in times if t)
                return Span(start, end)
        self.wrong(key, 'deux heures sont attendues, par exemple ["09:00", "12:00"].')
        return None

    def close(self) -> None:
        """Refuse the keys that nobody read: a slip would be lost in silence."""
        for key in sorted(set(self.value) - self.read):
            self.wrong(str(key)[:40], "ce champ n’existe pas.")

    def _take(self, key: str, needed: bool) -> Any:
        self.read.add(key)
        value = self.value.get(key)
        if value is None and needed and not self.whole_is_wrong:
            self.wrong(key, MISSING)
        return value


def read_offer(value: Any) -> tuple[OfferEntry | None, list[tuple[str, str]]]:
    """The offer of a body, or None with every mistake as (JSON pointer, French sentence)."""
    errors: list[tuple[str, str]] = []
    body = Body(value, "", errors)
    host, contact = body.part("host"), body.part("contact")
    name, kind = host.text("name", 200), host.one_of("kind", KINDS)
    site = SiteEntry(
        siret=_siret(host),
        name=name,
        address=host.text("address", 200),
        postcode=_postcode(host),
        commune=host.text("commune", 100),
    )
    host.close()
    person, email = contact.text("name", 100), _email(contact)
    phone = contact.text("phone", 30, needed=False)
    contact.close()
    group = body.whole("min_group", 2, SEATS_MAX)
    title, description = body.text("title", 120), body.text("description", 1500, least=30)
    sector, school_max = body.one_of("sector", SECTORS), body.whole("school_max", 1, SEATS_MAX)
    reserved, until = body.whole("reserved_seats", 0, SEATS_MAX), body.day("reserve_until")
    seats, total = _seats(body), body.whole("total_seats", 1, 500)
    practical = Practical(
        days=_days(body),
        access=body.text("access", 500, needed=False),
        contact_name=person,
        contact_email=email,
        contact_phone=phone,
        accessibility=body.words("accessibility", NEEDS),
        hours_note=body.text("hours_note", 200, needed=False),
        long_week=body.yes("long_week"),
    )
    body.close()
    if errors:
        return None, errors
    activity = Activity(
        0,
        title,
        description,
        sector,
        OfferKind.GROUP if group else OfferKind.SINGLE,
        group,
        school_max,
        reserved or 0,
        until,
    )
    return OfferEntry(
        HostEntry(name, kind, site, person, email), activity, practical, seats, total
    ), []


def _siret(host: Body) -> str | None:
    text = host.text("siret", 30, needed=False)
    if not text:
        return None
    try:
        return str(siret_numbers.validate(text))
    except ValidationError:
        host.wrong("siret", "ce numéro n’existe pas : vérifiez ses 14 chiffres.")
        return None


def _postcode(host: Body) -> str:
    text = host.text("postcode", 10)
    if text and not (len(text) == 5 and text.isascii() and text.isdigit()):
        host.wrong("postcode", "un code postal a cinq chiffres.")
    return text


def _email(contact: Body) -> str:
    text = contact.text("email", 200)
    if not text:
        return ""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        contact.wrong("email", "cette adresse n’est pas valable.")
        return ""


def _seats(body: Body) -> dict[date, int]:
    found: dict[date, int] = {}
    for one in body.parts("weeks", 40):
        text, seats = one.text("monday", 10), one.whole("seats", 0, SEATS_MAX, needed=True)
        one.close()
        try:
            monday = date.fromisoformat(text) if len(text) == 10 else None
        except ValueError:
            monday = None
        if text and (monday is None or monday.weekday() != 0):
            one.wrong("monday", "la date d’un lundi est attendue, par exemple 2026-12-07.")
        elif monday in found:
            one.wrong("monday", "cette semaine est déjà dans la liste.")
        elif monday is not None and seats is not None:
            found[monday] = seats
    return found


def _days(body: Body) -> tuple[Day, ...]:
    """The hours by day; absent, the usual thirty hours."""
    found: dict[int, Day] = {}
    for one in body.parts("hours", 5, needed=False):
        weekday = one.whole("weekday", 0, 4, needed=True)
        morning, afternoon = one.span("morning"), one.span("afternoon")
        one.close()
        if weekday in found:
            one.wrong("weekday", "ce jour est déjà dans la liste.")
        elif weekday is not None:
            found[weekday] = Day(weekday, morning, afternoon)
    present = tuple(found[n] for n in sorted(found) if found[n].spans)
    return present if found else USUAL
