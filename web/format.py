"""How things are written for French readers: typography, dates, numbers."""

import re
import shlex
import unicodedata
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

NARROW, WIDE = "\u202f", "\u00a0"
PARIS = ZoneInfo("Europe/Paris")

_NARROWS = re.compile(r"[ \u00a0](?=[?!;])")
_WIDES = re.compile(
    r" (?=[:»%](?!\w))|(?<=«) |(?<=\d) (?=h\b|km\b|%)|(?<=\d h) (?=\d)"
    r"|(?<=\D\d) (?=à \d)|(?<=\D\d à) (?=\d)"
)
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


def fr(text: str) -> str:
    """Put the no-break spaces and the apostrophes French typography asks for.

    >>> fr("Pourquoi ? C'est « simple » : 3 km")
    'Pourquoi\\u202f? C’est «\\xa0simple\\xa0»\\xa0: 3\\xa0km'
    """
    return _APOSTROPHE.sub("’", _WIDES.sub(WIDE, _NARROWS.sub(NARROW, text)))


def of(name: str) -> str:
    """« de Lina », « d’Adam »: before a vowel the word is cut."""
    first = unicodedata.normalize("NFD", name[:1].lower())[:1]
    return f"d’{name}" if first in set("aeiouœæ") else f"de {name}"


def paris(moment: datetime) -> datetime:
    """The same moment on a French clock."""
    return moment.astimezone(PARIS)


def day(when: date | datetime, *, year: bool = True, weekday: bool = True) -> str:
    """« lundi 14 décembre 2026 », « 1er » included."""
    local = paris(when) if isinstance(when, datetime) else when
    number = "1er" if local.day == 1 else str(local.day)
    month = format_date(local, "MMMM", locale="fr")
    words = [format_date(local, "EEEE", locale="fr") if weekday else "", f"{number}{WIDE}{month}"]
    if year:
        words.append(str(local.year))
    return " ".join(filter(None, words))


def hour(when: datetime) -> str:
    """« 18 h », « 18 h 30 »."""
    local = paris(when)
    minutes = f"{WIDE}{local.minute:02}" if local.minute else ""
    return f"{local.hour}{WIDE}h{minutes}"


def moment(when: datetime, *, year: bool = True) -> str:
    """« mercredi 18 novembre 2026 à 18 h »."""
    return f"{day(when, year=year)} à {hour(when)}"


def shell(text: str) -> str:
    """A text as one argument of a command to paste."""
    return shlex.quote(text)


def week(monday: date, *, year: bool = True) -> str:
    """« du 7 au 11 décembre 2026 », the five school days from a Monday."""
    friday = monday + timedelta(days=4)
    start = "1er" if monday.day == 1 else str(monday.day)
    if monday.month != friday.month:
        start = day(monday, year=year and monday.year != friday.year, weekday=False)
    return f"du {start} au {day(friday, year=year, weekday=False)}"


def number(value: float, digits: int = 0) -> str:
    """« 1 104 », « 12,5 »: narrow no-break space between thousands."""
    text = format_decimal(round(value, digits), format=f"#,##0.{'#' * digits}", locale="fr")
    return text.replace("-", "−")


def told(value: float | str) -> str:
    """A number, or the words that stand for one that is not told."""
    return value.replace(" ", WIDE) if isinstance(value, str) else number(value)


def percent(part: float, whole: float) -> str:
    """« 84 % », or a dash where there is nothing to divide by."""
    return f"{number(100 * part / whole)}{WIDE}%" if whole else "–"


def km(metres: float) -> str:
    """« moins de 1 km », « 12 km »: a straight line, rounded."""
    return f"{number(metres / 1000)}{WIDE}km" if metres >= 1000 else f"moins de 1{WIDE}km"


def days_left(until: datetime, now: datetime) -> str:
    """« 6 jours », « 3 heures »: how long is left, never less than « quelques minutes »."""
    left = until.astimezone(UTC) - now.astimezone(UTC)
    if left >= timedelta(days=2):
        return f"{left.days}{WIDE}jours"
    hours = int(left / timedelta(hours=1))
    if hours >= 1:
        return f"{hours}{WIDE}heure{'s' if hours > 1 else ''}"
    return "quelques minutes"


def season(start: int) -> str:
    """« 2026‑2027 » with a no-break hyphen."""
    return f"{start}\u2011{start + 1}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """« 1 élève », « 1 104 élèves »: the number and its word."""
    word = one if abs(count) < 2 else (many or f"{one}s")
    return f"{number(count)}{WIDE}{word}"
