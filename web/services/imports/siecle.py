"""SIECLE's own XML (« ElevesSansAdresses »): pupils, and the division of each."""

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from web.services.errors import Refused
from web.services.imports.table import MAX_LINES, Row, Table, clean
from web.services.imports.text import decode

FIELD = "file"
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
NEVER = {
    "ADRESSE_ID": "Adresse",
    "CODE_PAYS": "Nationalité",
    "CODE_PAYS_NAIT": "Pays de naissance",
    "CODE_DEPARTEMENT_NAISS": "Lieu de naissance",
    "CODE_COMMUNE_INSEE_NAISS": "Lieu de naissance",
    "VILLE_NAISS": "Lieu de naissance",
    "CODE_REGIME": "Régime",
    "ADHESION_TRANSPORT": "Transport",
    "TEL_PERSONNEL": "Téléphone",
    "TEL_PORTABLE": "Téléphone",
    "TEL_PROFESSIONNEL": "Téléphone",
    "MEL": "Courriel de l’élève",
    "BOURSES": "Bourses",
}
"""What SIECLE's file says beside, never read, by tag: its head is told."""

HEADER = ["Nom", "Prénom", "Né(e) le", "Classe", "INE", "Niveau", "Date de sortie"]


def read_siecle(data: bytes, others: Iterable[bytes] = ()) -> Table:
    """Read the pupils of a SIECLE export; `others` may hold the nomenclature of the levels.

    A line's number is the rank of the pupil in the file.

    Raises:
        Refused: broken XML, XML with entities, or XML of something else.
    """
    root = _parse(data)
    if root.tag != "BEE_ELEVES":
        raise Refused(
            "Ce fichier XML n’est pas une liste d’élèves de SIECLE "
            "(ElevesSansAdresses.xml ou ElevesAvecAdresses.xml).",
            FIELD,
        )
    pupils = root.findall(".//ELEVES/ELEVE")
    if not pupils:
        raise Refused("Ce fichier de SIECLE ne contient aucun élève.", FIELD)
    if len(pupils) > MAX_LINES:
        raise Refused(f"Ce fichier a plus de {MAX_LINES} élèves.", FIELD)
    classes, levels = _divisions(root), _levels(others)
    rows = [Row(0, HEADER)]
    for number, pupil in enumerate(pupils, start=1):
        rows.append(Row(number, _cells(pupil, classes, levels)))
    uai, season = _text(root, ".//PARAMETRES/UAJ"), _season(root)
    return Table(rows, "export XML de SIECLE", uai, season, never=_never(root))


def _parse(data: bytes) -> Element:
    try:
        return fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise Refused("Ce XML contient des définitions interdites (DTD, entités).", FIELD) from None
    except (ParseError, ValueError, LookupError):
        return _parse_otherwise(data)


def _parse_otherwise(data: bytes) -> Element:
    """Try again without the encoding that the file declares: it may lie."""
    text = DECLARATION.sub("", decode(data)[0])
    try:
        return fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        raise Refused("Ce XML contient des définitions interdites (DTD, entités).", FIELD) from None
    except (ParseError, ValueError):
        raise Refused("Ce XML est coupé ou abîmé : exportez-le de nouveau.", FIELD) from None


def _text(element: Element, path: str) -> str:
    return clean(element.findtext(path) or "")


def _season(root: Element) -> int | None:
    year = _text(root, ".//PARAMETRES/ANNEE_SCOLAIRE")[:4]
    return int(year) if year.isascii() and year.isdigit() else None


def _never(root: Element) -> list[str]:
    """What the file holds that is never read, in words."""
    held = {part.tag for pupil in root.iter("ELEVE") for part in pupil}
    held |= {part.tag for part in root.iter("BOURSES")}
    return list(dict.fromkeys(words for tag, words in NEVER.items() if tag in held))


def _divisions(root: Element) -> dict[str, str]:
    """The class of each pupil, by ELEVE_ID: the structure of type D, never a group."""
    found: dict[str, str] = {}
    for pupil in root.iter("STRUCTURES_ELEVE"):
        for structure in pupil.iter("STRUCTURE"):
            if _text(structure, "TYPE_STRUCTURE") == "D":
                found[pupil.get("ELEVE_ID", "")] = _text(structure, "CODE_STRUCTURE")
    return found


def _levels(others: Iterable[bytes]) -> dict[str, str]:
    """What each CODE_MEF means, when the archive holds the nomenclature."""
    return {
        mef.get("CODE_MEF", ""): _text(mef, "LIBELLE_LONG") or _text(mef, "LIBELLE_EDITION")
        for other in others
        for mef in _parse(other).iter("MEF")
    }


def _cells(pupil: Element, classes: dict[str, str], levels: dict[str, str]) -> list[str]:
    code = _text(pupil, "CODE_MEF")
    return [
        _text(pupil, "NOM_DE_FAMILLE") or _text(pupil, "NOM") or _text(pupil, "NOM_USAGE"),
        _text(pupil, "PRENOM"),
        _text(pupil, "DATE_NAISS"),
        classes.get(pupil.get("ELEVE_ID", ""), ""),
        _text(pupil, "INE_RNIE") or _text(pupil, "ID_NATIONAL"),
        levels.get(code) or code,
        _text(pupil, "DATE_SORTIE"),
    ]
