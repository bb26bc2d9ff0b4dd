"""Papers that schools hand over: PDF/UA-1 documents, typeset from data and never from source."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
import typst

from models import Placement, PlacementState, Pupil, Round, School, SchoolClass
from web.format import PARIS, fr, moment, week
from web.printable import FONTS, printable
from web.services.follow_up import Status
from web.services.letters import AccessLetter, Part
from web.services.pathway_words import pathway_days

TEMPLATES = Path(__file__).parent / "templates"
LETTERS, SLIPS = "documents/letters.typ", "documents/slips.typ"

MENTION = (
    "Les places sont proposées par un traitement algorithmique. Sa finalité : attribuer les "
    "stages de 3e selon une règle publique, les collèges REP+ puis REP d’abord, puis l’ordre des "
    "vœux. Vous avez le droit d’obtenir ses règles et les principales caractéristiques de sa mise "
    "en œuvre : {site}/regles, ou {contact}. En cas de refus, ou sans réponse au bout d’un mois : "
    "CADA, www.cada.fr."
)
WORDS = {
    "head": "Ton code pour choisir ton stage de 3e",
    "what": "Que faire ?",
    "when": "Les dates",
    "rule": "Comment les places sont attribuées",
    "code": "Code :",
    "kept": "Code déjà remis : il sert toujours.",
    "pupil": "Avec la date de naissance de l’élève, sur",
    "guardian": "Avec la date de naissance de votre enfant, sur",
    "qr": "Adresse du site à photographier",
}
STEPS = (
    "Va sur {site}, ou photographie le carré.",
    "Écris ton code et ta date de naissance.",
    "Regarde les offres de ta semaine et ajoute celles qui te plaisent.",
    "Mets-les dans l’ordre : en haut, ce que tu préfères.",
    "Confirme ta liste avant la date limite. Sans appareil, demande au collège.",
)
LANGUAGES: list[dict[str, str]] = json.loads(
    (Path(__file__).parent / "data" / "letter_languages.json").read_text("utf-8")
)
"""The short version of the letter in the languages that families read."""


def letters_pdf(letters: Sequence[AccessLetter], turn: Round, *, site: str, contact: str) -> bytes:
    """The access letters of a class, one page each."""
    pupil = letters[0].pupil
    door = f"{site}/compte/connexion"
    until, published = _numbers(turn.wishes_close_at), _numbers(turn.publish_at)
    said = {"site": _isolated(site), "until": until, "published": published}
    return typeset(
        LETTERS,
        title=f"Lettres d’accès, {pupil.school_class.name}",
        school=_school(pupil.school),
        site=door,
        qr=_qr(door),
        words={name: fr(text) for name, text in WORDS.items()},
        steps=[fr(step.format(site=door)) for step in STEPS],
        dates=_dates(turn),
        mention=fr(MENTION.format(site=site, contact=contact)),
        languages=[{**version, "text": version["text"].format(**said)} for version in LANGUAGES],
        letters=[_letter(letter) for letter in letters],
    )


@dataclass(frozen=True, slots=True)
class Slip:
    """What a pupil without a device is handed: her status, her place, the reasons."""

    pupil: Pupil
    status: Status
    placement: Placement | None
    why: Sequence[str]


def slips_pdf(
    slips: Sequence[Slip], own: SchoolClass, *, site: str, contact: str, now: datetime
) -> bytes:
    """The results of a class, one slip a pupil, to hand over."""
    return typeset(
        SLIPS,
        title=f"Résultats, {own.name}",
        school=_school(own.school),
        mention=fr(MENTION.format(site=site, contact=contact)),
        slips=[_slip(one, own, site, now) for one in slips],
    )


def typeset(template: str, **data: Any) -> bytes:
    """A PDF/UA-1 document: a template of `templates/` filled with data, never with source."""
    made: bytes = typst.compile(
        str(TEMPLATES / template),
        format="pdf",
        pdf_standards=["ua-1"],
        sys_inputs={"data": json.dumps(printable(data))},
        font_paths=[str(where) for where in FONTS],
        ignore_system_fonts=True,
    )
    return made


def _qr(address: str) -> str:
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", border=2, xmldecl=False)
    return drawn.getvalue().decode()


def _school(school: School) -> str:
    return f"{school.name}, {school.commune}"


def _dates(turn: Round) -> list[str]:
    return [
        fr(f"Vœux : du {moment(turn.wishes_open_at)} au {moment(turn.wishes_close_at)}."),
        fr(f"Résultat : {moment(turn.publish_at)}."),
    ]


def _numbers(when: datetime) -> str:
    """A date that every language reads the same."""
    return _isolated(f"{when.astimezone(PARIS):%d/%m/%Y (%H:%M)}")


def _isolated(text: str) -> str:
    """Numbers and addresses keep their order inside a text that runs from right to left."""
    return f"\u2066{text}\u2069"


def _letter(letter: AccessLetter) -> dict[str, Any]:
    return {
        "pupil": letter.pupil.full_name,
        "class": letter.pupil.school_class.name,
        "own": _part(letter.own, "Élève"),
        "guardians": [_part(one, "Responsable légal") for one in letter.guardians],
    }


def _part(part: Part, role: str) -> dict[str, Any]:
    return {"role": role, "name": part.name, "code": part.code}


def _slip(one: Slip, own: SchoolClass, site: str, now: datetime) -> dict[str, Any]:
    return {
        "pupil": one.pupil.full_name,
        "class": own.name,
        "headline": fr(_headline(one)),
        "facts": _facts(one.placement) if one.placement else [],
        "why": [fr(reason) for reason in one.why],
        "next": fr(_next(one, site, now)),
    }


def _headline(one: Slip) -> str:
    place = one.placement
    if place is not None:
        return f"Tu as une place : vœu {place.rank}." if place.rank else "Tu as une place."
    return {
        Status.FOUND: "Tu as un stage, celui que ta famille a trouvé.",
        Status.DECLARED: "Le collège vérifie le stage que tu as trouvé.",
        Status.DECLINED: "Tu as refusé la place proposée.",
        Status.UNPLACED: "Pas encore de place.",
    }.get(one.status, "Aucun vœu enregistré, donc pas de place.")


def _facts(place: Placement) -> list[tuple[str, str]]:
    offer = place.offer_week.offer
    monday = week(place.offer_week.week.monday)
    if offer.is_pathway:
        days = [(day["name"], ", ".join(day["lines"])) for day in pathway_days(offer, contact=True)]
        return [("Parcours", offer.title), ("Quand", monday), *days]
    site = offer.site
    contact = ", ".join(filter(None, (offer.contact_name, offer.contact_phone)))
    facts = [
        ("Stage", offer.title),
        ("Chez", site.host.name),
        ("Où", f"{site.address}, {site.postcode} {site.commune}"),
        ("Quand", monday),
        ("Horaires", offer.hours),
        ("Y aller", offer.access),
        ("Contact", contact),
    ]
    return [(name, text) for name, text in facts if text]


def _next(one: Slip, site: str, now: datetime) -> str:
    place = one.placement
    if place is None:
        if one.status is Status.FOUND:
            return "Ton collège prépare la convention."
        return "Parles-en à ton professeur principal : la recherche continue avec le collège."
    if place.state is PlacementState.OFFERED and now < place.round.answers_until:
        return (
            f"Accepte ou refuse avant le {moment(place.round.answers_until)}, sur {site} ou au "
            "collège. Sans réponse, la place est acceptée."
        )
    return "La place est acceptée. Ton collège prépare la convention."
