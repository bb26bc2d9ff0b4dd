"""Which column is what: the words schools put above their lists, and what is never kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models import Labelled
from web.services.imports.table import Row
from web.services.imports.values import is_class, is_date, plain

HEADER_DEPTH = 40
"""Lines among which the header is looked for: titles may come above it."""


class Part(Labelled):
    """What a column holds."""

    LAST_NAME = "last_name", "Nom"
    FIRST_NAME = "first_name", "Prénom"
    FULL_NAME = "full_name", "Nom et prénom"
    BIRTH_DATE = "birth_date", "Date de naissance"
    CLASS = "class", "Classe"
    HOME_CLASS = "home_class", "Classe de rattachement"
    LEVEL = "level", "Niveau"
    EXIT_DATE = "exit_date", "Date de sortie"
    INE = "ine", "INE (empreinte seulement)"
    GUARDIAN1 = "guardian1", "Responsable 1 : nom"
    GUARDIAN1_FIRST = "guardian1_first", "Responsable 1 : prénom"
    GUARDIAN1_EMAIL = "guardian1_email", "Responsable 1 : courriel"
    GUARDIAN2 = "guardian2", "Responsable 2 : nom"
    GUARDIAN2_FIRST = "guardian2_first", "Responsable 2 : prénom"
    GUARDIAN2_EMAIL = "guardian2_email", "Responsable 2 : courriel"
    IGNORED = "ignored", "Ne pas importer"
    SENSITIVE = "sensitive", "Jamais lue"


NEEDED = (Part.LAST_NAME, Part.FIRST_NAME, Part.BIRTH_DATE, Part.CLASS)

_EMAIL = r"\b(e ?mails?|mails?|mel|courriels?|adresses? (electronique|e ?mail|mail|mel))\b"
_GUARDIAN = (
    r"\b(resp|responsables?|parents?|tuteurs?|mere|pere|rl ?\d|legal|legaux|representants?)\b"
)
_SECOND = r"(\b2\b|rl ?2|legal2|resp2|mail2|courriel2|\bsecond|\bautre|\bpere\b|deuxieme)"
_SENSITIVE = (
    r"\b(bours\w*|adresse|adr|rue|voie|commune|ville|code postal|cp|nationalite|pays|lieu"
    r"|sante|medical\w*|medecin|allergi\w*|vaccin\w*|handicap|pai|pap|pps|ppre|mdph|aesh|notifi\w*"
    r"|regime|cantine|restauration|demi pension\w*|projets?|accompagnement|amenagement\w*"
    r"|profession\w*|pcs|csp|situation|religion\w*|photo|sanction\w*|punition\w*|absence\w*"
    r"|notes?|moyenne|observation\w*|tel\w*|portable|mobile|sms|securite sociale|secu|iban|rib"
    r"|quotient|fratrie|origine|langue maternelle|assurance|transport\w*|telephone\w*)\b"
)
_PLACE = r"\b(lieu|pays|commune|ville|dep\w*)\b"
_NEVER = (
    r"\b(annee prec\w*|precedent\w*|ancienne?|origine|usage|marital|d usage)\b|\bprenoms? ?[23]\b"
    r"|\b(autres?|deuxieme|2e|troisieme|3e) prenoms?\b|\betablissement\b|\bsexe\b|\bcivilite\b"
)
_RULES: tuple[tuple[str, Part], ...] = (
    (r"^(?!nom).*naiss|^nee?( e)? le$|^ne e? ?le$|^ddn$", Part.BIRTH_DATE),
    (
        r"^(ine|id(entifiant)? national|ine rnie|rnie|n national|numero national|no national)$",
        Part.INE,
    ),
    (r"\b(date )?(de )?sortie\b|^date (de )?depart$|^parti le$", Part.EXIT_DATE),
    (r"\b(rattachement|classe d inclusion)\b", Part.HOME_CLASS),
    (r"^(niveau\w*|mef|code mef|lib(elle)? mef|formation|lib(elle)? formation)$", Part.LEVEL),
    (
        (
            r"^(classes?|divisions?|div|cl|code div\w*|lib\w* (structure|division|classe)|structure"
            r"|code (structure|classe)|classe de l eleve|classe actuelle)$"
        ),
        Part.CLASS,
    ),
    (
        (
            r"^(nom (et )?prenoms?|nom prenoms?( de l eleve)?|prenoms? (et )?noms?|eleves?"
            r"|nom complet|nom de l eleve et prenom|identite|nom prenom eleve)$"
        ),
        Part.FULL_NAME,
    ),
    (r"^prenoms?( s)?( 1| usuel| de l eleve| eleve| principal)?$|^eleve prenom$", Part.FIRST_NAME),
    (
        (
            r"^noms?( de famille| de naissance| eleve| de l eleve| patronymique)?$|^eleve nom$"
            r"|^patronyme$"
        ),
        Part.LAST_NAME,
    ),
)


PARTS = {part.value: part for part in Part}


@dataclass(frozen=True, slots=True)
class Header:
    """The line of titles, the part each column plays, and where the list begins."""

    index: int | None
    titles: list[str]
    parts: list[Part]

    @property
    def missing(self) -> list[Part]:
        """The parts without which no pupil can be read."""
        named = set(self.parts)
        if Part.FULL_NAME in named:
            named |= {Part.LAST_NAME, Part.FIRST_NAME}
        if Part.HOME_CLASS in named:
            named.add(Part.CLASS)
        return [part for part in NEEDED if part not in named]


def part_of(title: str) -> Part:
    """What a column of this title holds."""
    words = plain(title)
    if not words:
        return Part.IGNORED
    if re.search(_EMAIL, words) or re.search(_GUARDIAN, words):
        return _guardian_part(words)
    if re.search(_NEVER, words):
        return Part.IGNORED
    for pattern, part in _RULES:
        if re.search(pattern, words) and not re.search(
            r"\b(lieu|pays|commune|ville|dep\w*)\b", words
        ):
            return part
    return Part.SENSITIVE if re.search(_SENSITIVE, words) else Part.IGNORED


def _guardian_part(words: str) -> Part:
    second = bool(re.search(_SECOND, words)) and not re.search(r"\b1\b", words)
    if re.search(_EMAIL, words):
        if re.search(r"\b(eleve|enfant)\b", words):
            return Part.SENSITIVE
        return Part.GUARDIAN2_EMAIL if second else Part.GUARDIAN1_EMAIL
    if re.search(_SENSITIVE, words):
        return Part.SENSITIVE
    if re.search(r"\bprenoms?\b", words) and not re.search(r"\bnoms?\b", words):
        return Part.GUARDIAN2_FIRST if second else Part.GUARDIAN1_FIRST
    if re.search(r"\bcivilite|\blien|\bqualite|\bautorite", words):
        return Part.IGNORED
    return Part.GUARDIAN2 if second else Part.GUARDIAN1


def parts_of(titles: Sequence[str]) -> list[Part]:
    """The part of each column; a part is played once, by the first column that can."""
    taken: set[Part] = set()
    parts = []
    for title in titles:
        part = part_of(title)
        if part in taken and part not in (Part.IGNORED, Part.SENSITIVE):
            part = _second_choice(part, taken)
        taken.add(part)
        parts.append(part)
    if {Part.LAST_NAME, Part.FIRST_NAME} <= taken and Part.FULL_NAME in taken:
        parts = [Part.IGNORED if part is Part.FULL_NAME else part for part in parts]
    elif Part.FULL_NAME not in taken and Part.FIRST_NAME not in taken and Part.LAST_NAME in taken:
        parts = [Part.FULL_NAME if part is Part.LAST_NAME else part for part in parts]
    return parts


def _second_choice(part: Part, taken: set[Part]) -> Part:
    """Two columns « Mail » are those of two guardians; any other double is left out."""
    second = {
        Part.GUARDIAN1: Part.GUARDIAN2,
        Part.GUARDIAN1_FIRST: Part.GUARDIAN2_FIRST,
        Part.GUARDIAN1_EMAIL: Part.GUARDIAN2_EMAIL,
    }.get(part, Part.IGNORED)
    return Part.IGNORED if second in taken else second


def find_header(rows: Sequence[Row]) -> Header | None:
    """The line that names the most columns, among the first ones; None without any."""
    best: Header | None = None
    for index, row in enumerate(rows[:HEADER_DEPTH]):
        titles = _under_groups(rows[index - 1].cells if index else [], row.cells)
        parts = parts_of(titles)
        if best is None or _known(parts) > _known(best.parts):
            best = Header(index, titles, parts)
    return best if best is not None and _known(best.parts) >= 2 else None


def _under_groups(above: Sequence[str], titles: Sequence[str]) -> list[str]:
    """Titles with the one above them, where it says that a guardian's columns begin."""
    group, found = "", []
    for at, title in enumerate(titles):
        group = above[at] if at < len(above) and above[at] else group
        of_guardian = title and re.search(_GUARDIAN, plain(group))
        found.append(f"{group} : {title}" if of_guardian else title)
    return found


def _known(parts: Sequence[Part]) -> int:
    """How many useful columns a line names; without a name of pupil it is no header."""
    useful = set(parts) - {Part.IGNORED, Part.SENSITIVE}
    named = useful & {Part.LAST_NAME, Part.FIRST_NAME, Part.FULL_NAME}
    return len(useful) if named else 0


def guess_header(rows: Sequence[Row]) -> Header:
    """Name the columns of a list without titles from what they hold."""
    width = max(len(row.cells) for row in rows)
    columns = [[row.cells[at] for row in rows if at < len(row.cells)] for at in range(width)]
    parts: list[Part] = []
    for cells in columns:
        parts.append(_guess(cells, parts))
    if Part.FIRST_NAME not in parts and Part.LAST_NAME in parts:
        parts[parts.index(Part.LAST_NAME)] = Part.FULL_NAME
    return Header(None, [f"Colonne {at}" for at in range(1, width + 1)], parts)


def _guess(cells: Sequence[str], before: Sequence[Part]) -> Part:
    filled = [cell for cell in cells if cell]
    tests = (
        (Part.BIRTH_DATE, is_date),
        (Part.GUARDIAN1_EMAIL, lambda cell: "@" in cell),
        (Part.CLASS, is_class),
        (Part.LAST_NAME, _is_name),
        (Part.FIRST_NAME, _is_name),
    )
    for part, test in tests:
        if part not in before and sum(map(test, filled)) * 2 > len(filled):
            return part
    return Part.IGNORED


def _is_name(cell: str) -> bool:
    return not any(sign.isdigit() or sign == "@" for sign in cell) and len(cell) > 1
