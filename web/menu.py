"""The menus of the spaces: one list per role, shown only as far as its pages exist."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from werkzeug.routing import Map

from models import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a menu; `around` names the other pages during which it is the current one."""

    endpoint: str
    label: str
    icon: str = ""
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """An entry ready for a template."""

    url: str
    label: str
    icon: str
    here: bool


_WISHES = ("receipt", "add", "move", "remove", "replace", "limits", "confirm")
_BESIDES = ("found", "declare", "needs", "keep_needs", "phone", "keep_phone")
WISH_PAGES = (
    *(f"pupil.{act}" for act in _WISHES),
    *(f"family.{act}" for act in _BESIDES),
    *(f"own_access.{act}" for act in ("page", "keep_password", "keep_address", "erase_address")),
)
FAMILY = (
    Entry(
        "pupil.catalogue",
        "Offres",
        "search",
        ("pupil.offer", "offer_reports.report", "pupil.places_map"),
    ),
    Entry("pupil.wishes", "Mes vœux", "list", WISH_PAGES),
    Entry("pupil.result", "Résultat", "done", ("family.explanation", "family.ask_why")),
    Entry("pupil.help", "Aide", "help"),
)
SCHOOL_PUPILS = (
    "school.pupil",
    "school.add_pupil",
    "school.save_new_pupil",
    "school.correct_pupil",
    "school.save_pupil",
    "school.renew_pupil_code",
    "school.renew_guardian",
    "school_family.needs",
    "school_family.keep_needs",
    "school_family.phones",
    "school_family.keep_phones",
    "school_follow_up.wishes",
    "school_follow_up.add",
    "school_follow_up.move",
    "school_follow_up.remove",
    "school_follow_up.confirm",
)
SCHOOL_TEAM = ("school_team.invite", "school_team.classes", "school_team.save_classes")
SCHOOL_IMPORT = ("school_import.send", "school_import.look", "school_import.lines")
SCHOOL_CLASSES = ("school.school_class", "school.save_weeks", "school.save_class")
SCHOOL_REVIEW = ("school_review.pupil", "school_review.object_to")
ENTERED = (
    "entered.page",
    "entered.new",
    "entered.add",
    "entered_import.start",
    "entered_import.send",
    "entered_import.preview",
)
OFFER_DESK = (
    "api_keys.page",
    "api_keys.issue",
    "offer_reports.desk",
    "offer_reports.one",
    "offer_reports.decide",
)
NETWORKS = (
    *(f"commitments.{act}" for act in ("new", "add", "one", "save")),
    *(
        f"prospecting.{act}"
        for act in ("page", "listed", "new", "add", "paste", "add_lines", "one", "save")
    ),
)
HOST_OFFERS = (
    "host.offer",
    "host_offer.new",
    "host_offer.start",
    "host_offer.activity",
    "host_offer.keep_activity",
    "host_offer.weeks",
    "host_offer.keep_weeks",
    "host_offer.practical",
    "host_offer.keep_practical",
    "host_offer.check",
    "host_offer_change.weeks",
    "host_offer_change.keep_weeks",
    "host_offer_change.practical",
    "host_offer_change.keep_practical",
    "host.withdraw",
)
CAMPAIGN_PAGES = (
    "animator.dates",
    "animator.save_dates",
    "animator.public_value",
    "animator.save_public_value",
    "preparation.new",
    "preparation.create",
    "next_round.new",
    "next_round.create",
)
RUN_PAGES = (
    "animator.run",
    "decisions.changed",
    "scenarios.new",
    "scenarios.create",
    "scenarios.compare",
    "scenarios.compare_school",
    "scenarios.report",
)
SCHOOL_PAGES = ("preparation.school", "preparation.invite_head")
MENUS: dict[Role, tuple[Entry, ...]] = {
    Role.PUPIL: FAMILY,
    Role.GUARDIAN: (FAMILY[0], Entry("pupil.wishes", "Vœux", "list", WISH_PAGES), *FAMILY[2:]),
    Role.SCHOOL: (
        Entry("school.home", "Tableau de bord"),
        Entry("school.pupils", "Élèves", around=SCHOOL_PUPILS),
        Entry("school_import.start", "Import", around=SCHOOL_IMPORT),
        Entry("school.classes", "Classes et semaines", around=SCHOOL_CLASSES),
        Entry("school_review.page", "Relecture", around=SCHOOL_REVIEW),
        Entry("school_documents.letters", "Lettres", around=("school_documents.print_letters",)),
        Entry("school_family.found", "Stages trouvés", around=("school_family.refuse",)),
        Entry("school.results", "Résultats"),
        Entry("entered.page", "Structures", around=ENTERED[1:]),
        Entry("school_team.page", "Équipe", around=SCHOOL_TEAM),
    ),
    Role.TEACHER: (
        Entry("school.home", "Tableau de bord"),
        Entry("school.pupils", "Élèves", around=SCHOOL_PUPILS),
        Entry("school.classes", "Mes classes", around=SCHOOL_CLASSES),
        Entry("school_review.page", "Relecture"),
        Entry("school_documents.letters", "Lettres", around=("school_documents.print_letters",)),
        Entry("school.results", "Résultats"),
    ),
    Role.HOST: (
        Entry("host.home", "Mes offres", around=HOST_OFFERS),
        Entry(
            "host.pupils",
            "Élèves accueillis",
            around=("host_place.problem", "host_place.save_problem"),
        ),
        Entry("host_statement.page", "Bilan"),
        Entry(
            "host_account.page",
            "Structure",
            around=(
                "host.add_site",
                "host.save_site",
                *(f"host_account.{act}" for act in ("save", "people", "invite")),
                "host_account.mail",
                "host_account.save_mail",
            ),
        ),
    ),
    Role.ANIMATOR: (
        Entry("animator.home", "Campagne", around=CAMPAIGN_PAGES),
        Entry("preparation.schools", "Collèges", around=SCHOOL_PAGES),
        Entry(
            "animator.offers",
            "Offres",
            around=(
                "animator.offer",
                "api_keys.page",
                "api_keys.issue",
                "offer_reports.desk",
                "offer_reports.one",
                *ENTERED,
            ),
        ),
        Entry(
            "pathways.page",
            "Parcours",
            around=tuple(f"pathways.{act}" for act in ("week", "propose", "start", "one", "save")),
        ),
        Entry("animator.runs", "Calculs", around=RUN_PAGES),
        Entry(
            "animator.review",
            "Relecture",
            around=(
                "animator.review_school",
                "decisions.page",
                "decisions.pupil",
                "decisions.decide",
                "decisions.keep",
                "decisions.keep_these",
                "objections.page",
                "objections.one",
                "objections.refuse",
            ),
        ),
        Entry("animator.publication", "Publication"),
        Entry("replacing.page", "À replacer", around=("replacing.pupil", "replacing.give")),
        Entry("requests.page", "Demandes", around=("requests.one", "requests.reply")),
        Entry("commitments.page", "Réseaux", around=NETWORKS),
        Entry("animator.messages", "Suivi", around=("staff.page", "staff.invite", "journal.page")),
    ),
    Role.OVERSEER: (
        Entry("overseer.home", "Chiffres"),
        Entry("overseer.commitments", "Engagements"),
        Entry("open_data.page", "Données ouvertes"),
    ),
}
NAMES = {
    Role.PUPIL: "Mon espace",
    Role.GUARDIAN: "Mon espace",
    Role.SCHOOL: "Espace collège",
    Role.TEACHER: "Espace professeur principal",
    Role.HOST: "Espace structure d’accueil",
    Role.ANIMATOR: "Espace animation",
    Role.OVERSEER: "Espace préfecture et rectorat",
}


def links(url_map: Map, role: Role) -> Iterator[Link]:
    """Yield the entries of this role whose page exists, knowing which one is open."""
    for entry in MENUS.get(role, ()):
        values = _values(url_map, entry.endpoint)
        if values is not None:
            here = request.endpoint == entry.endpoint or request.endpoint in entry.around
            yield Link(url_for(entry.endpoint, **values), entry.label, entry.icon, here)


def _values(url_map: Map, endpoint: str) -> dict[str, Any] | None:
    """Return what the address of a page needs, taken from the open one; None: no such page."""
    known = request.view_args or {}
    try:
        rules = list(url_map.iter_rules(endpoint))
    except KeyError:
        return None
    fitting = (rule for rule in rules if rule.arguments <= known.keys())
    rule = max(fitting, key=lambda rule: len(rule.arguments), default=None)
    return None if rule is None else {name: known[name] for name in rule.arguments}
