"""What a cell says: a name, a date, a class, a level, a mail address."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from email_validator import EmailNotValidError, validate_email

from models import ClassKind

MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin",
    "juillet", "aout", "septembre", "octobre", "novembre", "decembre",
)  # fmt: skip
SERIAL = range(30_000, 50_000)
"""Excel's dates as numbers, from 1982 to 2036."""

CIVILITY = re.compile(r"^(m|mr|mme|mlle|melle|monsieur|madame|mademoiselle)\b\.?\s*", re.I)
NAME = re.compile(r"[^\W\d_][^\d_<>=@;:/\\\[\]{}|\"&%$#*+!?]*")


class Unreadable(ValueError):  # noqa: N818
    """A cell that cannot be read; the message says why, in French."""


def plain(text: str) -> str:
    """Words without accents, capitals or signs: « Né(e) le » is « ne e le »."""
    if text.isascii():
        return " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    letters = unicodedata.normalize("NFKD", text.replace("œ", "oe").casefold())
    kept = (sign if sign.isalnum() else " " for sign in letters if not unicodedata.combining(sign))
    return " ".join("".join(kept).split())


def name_key(*names: str) -> str:
    """A name for comparisons: no accent, capital, hyphen, apostrophe or space."""
    return "|".join(plain(name).replace(" ", "") for name in names)


def read_name(cell: str, what: str) -> str:
    """A name, its capitals set right when the file shouts.

    Raises:
        Unreadable: nothing, a formula, or signs that no name bears.
    """
    if not cell:
        raise Unreadable(f"Le {what} est vide.")
    if cell[0] in "=+@" or (cell[0] == "-" and len(cell) > 1):
        raise Unreadable(f"Le {what} contient une formule, pas un texte.")
    if not NAME.fullmatch(cell) or any(map(_is_symbol, cell)) or len(cell) > 100:
        raise Unreadable(f"Le {what} « {cell[:40]} » contient des signes qu’aucun nom ne porte.")
    tidy = unicodedata.normalize("NFC", cell.replace("'", "’"))
    return _calm(tidy) if tidy.isupper() and len(tidy) > 1 else tidy


def _is_symbol(sign: str) -> bool:
    """Emoji, sums of money, unprintable signs: in a name, a slip of the keyboard."""
    return unicodedata.category(sign) in {"So", "Sm", "Sc", "Cc", "Cn", "Co", "Cs"}


def _calm(name: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), name)


def split_name(cell: str) -> tuple[str, str]:
    """(last name, first name) of « BERNARD Lina », « Bernard, Lina » or « Lina BERNARD ».

    Raises:
        Unreadable: nothing says which words are the first name.
    """
    last, comma, first = cell.partition(",")
    if comma:
        return last.strip(), first.strip()
    words = cell.split()
    shouted = [word for word in words if word.isupper() and len(word.strip(".-’'")) > 1]
    others = [word for word in words if word not in shouted]
    if shouted and others:
        return " ".join(shouted), " ".join(others)
    if len(words) == 2:
        return words[0], words[1]
    if not words:
        raise Unreadable("Le nom est vide.")
    raise Unreadable(f"Dans « {cell[:60]} », on ne sait pas où finit le nom.")


def read_date(cell: str) -> date:
    """A date as the French write it, as computers do, or as Excel counts.

    Raises:
        Unreadable: it is empty, not a date, or a day that does not exist.
    """
    if not cell:
        raise Unreadable("La date de naissance est vide.")
    text = re.sub(r"^nee? *(e)? le ", "", plain(cell))
    if cell[0] == "=":
        raise Unreadable("La date contient une formule, pas une valeur.")
    if re.fullmatch(r"\d{5}( \d+)?", text) and int(text[:5]) in SERIAL:
        return date(1899, 12, 30) + timedelta(days=int(text[:5]))
    numbers = _numbers(text)
    if numbers is None:
        raise Unreadable(f"« {cell[:30]} » n’est pas une date : écrivez 27/03/2012.")
    day, month, year = numbers
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        raise Unreadable(f"La date « {cell[:30]} » n’existe pas.") from None


def _numbers(text: str) -> tuple[int, int, int] | None:
    """(day, month, year) of the words of a date."""
    if found := re.fullmatch(r"(\d{4}) (\d\d?) (\d\d?)( .*|t.*)?", text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := re.fullmatch(r"((?:19|20)\d\d)(0\d|1[0-2])(\d\d)", text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := re.fullmatch(r"(\d\d?)(\d\d)(\d{4})", text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := re.fullmatch(r"(\d\d?) (\d\d?) (\d{4}|\d\d)( \d\d? \d\d.*)?", text):
        return int(found[1]), int(found[2]), int(found[3])
    found = re.fullmatch(r"(?:[a-z]+ )?(\d\d?)(?:er)? ([a-z]+) (\d{4})", text)
    months = [at for at, month in enumerate(MONTHS, 1) if found and month.startswith(found[2])]
    if found and len(found[2]) > 2 and len(months) == 1:
        return int(found[1]), months[0], int(found[3])
    return None


def is_date(cell: str) -> bool:
    """Whether a cell holds a date, be it one that does not exist."""
    return bool(cell) and _numbers(plain(cell)) is not None


@dataclass(frozen=True, slots=True)
class ClassName:
    """A class: the key under which its ways of being written meet, its usual name, its kind."""

    key: str
    name: str
    kind: ClassKind = ClassKind.GENERAL


_LEVEL = re.compile(
    r"(?:3\s*(?:°|ᵉ|(?:e|è|eme|ème|ieme|ième)(?![a-zà-ÿ]))|3|troisi[eè]me)[\s._-]*", re.I
)
_EXPONENT = re.compile(r"3(?:[.,]0+)?e\+0*(\d+)", re.I)
_INCLUSIVE = re.compile(r"(?<![a-z])(ulis|upe ?2a)(?![a-z])")


def read_class(cell: str) -> ClassName:
    """A class of 3e: « 3A », « 3 A », « 3EME A » and « 3e A » are the same.

    Raises:
        Unreadable: it is empty, a formula, or a scheme (ULIS, UPE2A) and not a class.
    """
    text = re.sub(r"\[.*", "", cell).partition(",")[0] if not _EXPONENT.fullmatch(cell) else cell
    text = text.strip()
    if not text:
        raise Unreadable("La classe est vide.")
    if text[0] in "=+@-":
        raise Unreadable("La classe contient une formule, pas un texte.")
    if _INCLUSIVE.search(plain(text)):
        raise Unreadable(f"« {text[:30]} » est un dispositif : indiquez la classe de rattachement.")
    if len(text) > 40:
        raise Unreadable(f"« {text[:30]}… » est trop long pour une classe.")
    rest = _rest(text)
    if rest is None:
        return ClassName(plain(text).replace(" ", ""), text, _kind(text))
    key = plain(rest).replace(" ", "")
    key = str(int(key)) if key.isascii() and key.isdigit() else key
    shown = rest.upper() if len(key) < 3 else rest
    shown = key.upper() if key.isdigit() else shown
    return ClassName(f"3{key}", f"3e {shown}".strip(), _kind(rest))


def _rest(text: str) -> str | None:
    """What follows the level in the name of a class; None if it bears no level."""
    if found := _EXPONENT.fullmatch(text):
        return found[1]  # « 3E2 », which Excel reads as three hundred
    if found := re.fullmatch(r"3(0+)", text):
        return str(len(found[1]))
    if re.fullmatch(r"3[EÈ]", text):
        return "E"  # a class between 3D and 3F; « 3e » is a level alone
    if found := re.fullmatch(r"3\s*[eèEÈ][\s._-]*(\d+|[A-Za-z])", text):
        return found[1]
    found = _LEVEL.match(text)
    return text[found.end() :].strip(" -_.") if found else None


def _kind(text: str) -> ClassKind:
    words = plain(text)
    if "segpa" in words:
        return ClassKind.SEGPA
    if "prepa" in words or re.search(r"\bpm\b", words):
        return ClassKind.PREPA_METIERS
    return ClassKind.GENERAL


def is_class(cell: str) -> bool:
    """Whether a cell looks like the name of a class of any level."""
    return bool(re.fullmatch(r"[3-6]\s*(e|è|eme|ème|ième|°)?[\s._-]*\w{0,6}", cell, re.I))


def level_of(level: str, class_name: str) -> int | None:
    """3 for a 3e, 4 to 6 for another class of collège, 1 or 2 beyond; None if nothing says it.

    The level (« 3EME », a CODE_MEF) wins over the name of the class.
    """
    words = plain(level)
    if re.fullmatch(r"\d{8,12}", words):
        by_code = {"100": 6, "101": 5, "102": 4, "103": 3, "164": 6, "165": 5, "166": 4, "167": 3}
        found = by_code.get(words[:3])
        if found:
            return found
    elif match := re.search(r"\b([1-6])(?:e|eme|ieme|nde|ere)?(?!\d)", words):
        return int(match[1])
    elif match := re.search(r"\b(troisi|quatri|cinqui|sixi)eme", words):
        return {"troisi": 3, "quatri": 4, "cinqui": 5, "sixi": 6}[match[1]]
    text = class_name.strip()
    if re.match(r"troisi[eè]me", text, re.I):
        return 3
    return int(text[0]) if text[:1] in tuple("123456") and len(text) > 0 else None


def read_email(cell: str) -> str | None:
    """A mail address in small letters.

    Raises:
        Unreadable: it cannot be one.
    """
    if not cell:
        return None
    try:
        return validate_email(cell, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise Unreadable(f"L’adresse « {cell[:60]} » n’est pas valable") from None


def guardian_key(name: str) -> str:
    """A guardian's name for comparisons: in any order, without « M. » or « Mme »."""
    return " ".join(sorted(plain(CIVILITY.sub("", name)).split()))


def read_guardian(name: str) -> str:
    """A guardian's name, without « M. » or « Mme », its capitals set right."""
    bare = CIVILITY.sub("", name).strip()
    words = [_calm(word) if word.isupper() else word for word in bare.split()]
    return " ".join(words).replace("'", "’")[:100]
