"""Nobody reaches a row of somebody else by its address: every address with a number is tried."""

from datetime import date, timedelta
from itertools import product

import pytest
from werkzeug.routing import IntegerConverter

from models import (
    ApiKey,
    Base,
    Commitment,
    Decision,
    DecisionKind,
    EnteredOffer,
    ExplanationRequest,
    Network,
    Objection,
    ObjectionKind,
    OfferImport,
    OfferReport,
    Origin,
    Placement,
    PlaceProblem,
    ProblemKind,
    Prospect,
    ProspectSource,
    PupilImport,
    ReportKind,
    RequestKind,
    Role,
    Run,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services import campaigns, runs

NOW = f.RUN_AT + timedelta(days=4)
NOTHING = 999_999
REFUSED_FIRST = (
    "/animation/calculs/comparer/colleges/<int:school_id>",
    "/animation/a-replacer/<int:pupil_id>/places/<int:placement_id>/liberer",
)
"""Refused before any row is looked for: no run named, no result published yet."""
CAPABILITY = "public"
"""A prospect answers by the token of its mail: the number alone opens nothing."""


class Side:
    """A season in review, one member of each role, and one row of each kind."""

    def __init__(self, session, departement):
        self.season = made = Season(session, departement)
        self.roles = {
            Role.ANIMATOR: made.animator,
            Role.SCHOOL: made.head,
            Role.TEACHER: f.member(session, Role.TEACHER, school=made.rep_plus),
            Role.HOST: made.team,
            Role.PUPIL: f.pupil_member(session, made.pupils[0]),
            Role.GUARDIAN: f.member(session, Role.GUARDIAN, guardian=made.guardian),
        }

    def fill(self, session):
        made, by, pupil = self.season, self.season.by, self.season.pupils[0]
        shared = {"pupil_id": pupil.id, "round_id": made.round.id}
        place = made.wood.weeks[0]
        run = session.query(Run).filter_by(round_id=made.round.id).first()
        held = f.added(
            session,
            Placement(
                campaign_id=made.campaign.id,
                offer_week_id=place.id,
                origin=Origin.HAND,
                created_at=NOW,
                **shared,
            ),
        )
        rows = {
            "decision": Decision(
                offer_week_id=place.id,
                kind=DecisionKind.LOCK,
                reason="Suivi",
                author_id=by,
                created_at=NOW,
                **shared,
            ),
            "request": ExplanationRequest(
                kind=RequestKind.EXPLANATION,
                text="Pourquoi ?",
                asked_by_id=by,
                asked_at=NOW,
                due_on=date(2026, 12, 1),
                **shared,
            ),
            "objection": Objection(
                offer_week_id=place.id,
                kind=ObjectionKind.TRIP,
                asked_by_id=by,
                asked_at=NOW,
                **shared,
            ),
            "problem": PlaceProblem(
                placement_id=held.id, kind=ProblemKind.SEAT, told_by_id=by, told_at=NOW
            ),
            "prospect": Prospect(
                territory_id=made.territory.id,
                name="Garage",
                commune="Nantes",
                lat=47.2,
                lon=-1.5,
                source=ProspectSource.FAIR,
                author_id=by,
                changed_at=NOW,
            ),
            "commitment": Commitment(
                host_id=made.host.id,
                network=Network.FACE,
                season=f.SEASON,
                signed_on=date(2026, 9, 1),
                places=1,
                weeks=1,
                author_id=by,
                saved_at=NOW,
            ),
            "key": ApiKey(
                territory_id=made.territory.id,
                network=Network.FACE,
                name="club",
                start="t3e_",
                digest=f"key of {made.territory.departement}",
                author_id=by,
                created_at=NOW,
            ),
            "report": OfferReport(
                offer_id=made.wood.id,
                author_id=by,
                role=Role.SCHOOL,
                kind=ReportKind.FALSE,
                text="",
                told_at=NOW,
            ),
            "entered": EnteredOffer(
                offer_id=made.town.id,
                territory_id=made.territory.id,
                author_id=by,
                entered_at=NOW,
            ),
            "file": OfferImport(
                author_id=by,
                territory_id=made.territory.id,
                file_name="offres.xlsx",
                header=["Structure"],
                lines=[[2, ["Menuiserie"]]],
                created_at=NOW,
            ),
            "import": PupilImport(
                school_id=made.rep_plus.id,
                campaign_id=made.campaign.id,
                file_name="3e.csv",
                content={},
                parts=[],
                created_at=NOW,
            ),
        }
        self.ids = {f"{name}_id": f.added(session, row).id for name, row in rows.items()} | {
            "campaign_id": made.campaign.id,
            "round_id": made.round.id,
            "run_id": run.id,
            "offer_id": made.wood.id,
            "pupil_id": pupil.id,
            "guardian_id": made.guardian.id,
            "school_id": made.rep_plus.id,
            "class_id": pupil.school_class.id,
            "placement_id": held.id,
            "account_id": made.head.account_id,
            "membership_id": made.head.id,
        }


@pytest.fixture
def sides(session, sessions, clock):
    both = [Side(session, departement) for departement in ("44", "35")]
    for moment in (f.WISHES_OPEN, f.WISHES_CLOSE, f.RUN_AT):
        campaigns.advance(session, moment)
    for _ in both:
        runs.work_once(sessions.writing, lambda _: f.RUN_AT)
    campaigns.advance(session, f.RUN_AT + timedelta(minutes=1))
    for side in both:
        side.fill(session)
    session.commit()
    clock.move_to(NOW)
    return both


def numbered(app):
    """(rule, names of its numbers, roles) of every address that holds one."""
    for rule in app.url_map.iter_rules():
        names = [n for n, c in rule._converters.items() if isinstance(c, IntegerConverter)]
        access = getattr(app.view_functions[rule.endpoint], "access", CAPABILITY)
        if names and access != CAPABILITY:
            yield rule, names, access


def addresses(app, rule, names, own, other):
    """(address with a number of the other side, the same with numbers that nothing has)."""
    words = dict.fromkeys(set(rule._converters) - set(names), "ouvrir-les-voeux")
    build = app.url_map.bind("localhost").build
    for theirs in product((False, True), repeat=len(names)):
        if any(theirs):
            pairs = list(zip(names, theirs, strict=True))
            real = {name: (other if t else own)[name] for name, t in pairs}
            void = {name: NOTHING if t else own[name] for name, t in pairs}
            yield build(rule.endpoint, words | real), build(rule.endpoint, words | void)


def test_a_row_out_of_sight_is_as_if_it_were_not(app, session, sides, pages_as):
    here, there = sides
    visits = {role: pages_as(member) for role, member in here.roles.items()}
    before = rows_of(session)
    tried, leaks = set(), []
    for rule, names, access in numbered(app):
        for role in sorted(set(access) & visits.keys(), key=lambda one: one.value):
            for real, void in addresses(app, rule, names, here.ids, there.ids):
                for method in sorted(rule.methods & {"GET", "POST"}):
                    status, other = (ask(visits[role], method, path) for path in (real, void))
                    tried.add((role, rule.rule, method))
                    strict = role is Role.ANIMATOR and rule.rule not in REFUSED_FIRST
                    if status != other or status == 200 or (strict and status != 404):
                        leaks.append((role.value, method, real, status, other))
    assert not leaks, "\n".join(map(str, leaks))
    assert len(tried) > 120, "the walk covers the whole map"
    assert rows_of(session) == before, "and nothing was written"


def ask(visitor, method, path):
    sent = {"csrf_token": visitor._token()} if method == "POST" else None
    return visitor.client.open(path, method=method, data=sent).status_code


def rows_of(session):
    """How many rows each table holds."""
    session.rollback()
    counts = {t.name: session.query(t).count() for t in Base.metadata.sorted_tables}
    session.rollback()
    return counts
