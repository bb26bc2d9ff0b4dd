"""Small valid things for tests: each call adds one to the session and flushes it."""

import itertools
from datetime import UTC, date, datetime, timedelta

from models import (
    Account,
    Campaign,
    CampaignState,
    Guardian,
    Host,
    HostKind,
    Label,
    Membership,
    Offer,
    OfferState,
    OfferWeek,
    Pupil,
    Role,
    Round,
    RoundState,
    School,
    SchoolClass,
    SchoolLabel,
    Sector,
    Site,
    Territory,
    Week,
    Wish,
)
from web.services.access import code_digest

SEASON = 2026
NANTES = (47.218, -1.553)
OFFERS_CLOSE = datetime(2026, 10, 2, 16, tzinfo=UTC)
WISHES_OPEN = datetime(2026, 10, 5, 6, tzinfo=UTC)
WISHES_CLOSE = datetime(2026, 10, 16, 16, tzinfo=UTC)
RUN_AT = datetime(2026, 10, 16, 18, tzinfo=UTC)
REVIEW_UNTIL = datetime(2026, 11, 5, 17, tzinfo=UTC)
PUBLISH_AT = datetime(2026, 11, 6, 11, tzinfo=UTC)
ANSWERS_UNTIL = datetime(2026, 11, 16, 17, tzinfo=UTC)
WISHES_TIME = datetime(2026, 10, 8, 10, tzinfo=UTC)
"""A quiet Thursday while the wishes are open."""

_numbers = itertools.count(1)


def added(session, thing):
    session.add(thing)
    session.flush()
    return thing


def territory(session, departement="44"):
    return added(
        session,
        Territory(
            departement=departement,
            name="Loire-Atlantique" if departement == "44" else f"Département {departement}",
            academie="Nantes",
            holiday_zone="B",
        ),
    )


def campaign(
    session, where=None, *, state=CampaignState.RUNNING, round_state=RoundState.WISHES_OPEN
):
    """A campaign with its first round, its calendar of model.md and three weeks."""
    made = added(
        session,
        Campaign(
            territory=where or territory(session),
            season=SEASON,
            state=state,
            offers_open_at=datetime(2026, 9, 1, 6, tzinfo=UTC),
            offers_close_at=OFFERS_CLOSE,
            first_monday=date(2026, 12, 7),
            last_monday=date(2027, 2, 8),
        ),
    )
    made.rounds.append(
        Round(
            number=1,
            state=round_state,
            wishes_open_at=WISHES_OPEN,
            wishes_close_at=WISHES_CLOSE,
            run_at=RUN_AT,
            review_until=REVIEW_UNTIL,
            publish_at=PUBLISH_AT,
            answers_until=ANSWERS_UNTIL,
            secret="0" * 64,
            commitment="1" * 64,
        )
    )
    for weeks in (0, 1, 4):
        monday = date(2026, 12, 7) + timedelta(weeks=weeks)
        session.add(Week(campaign_id=made.id, monday=monday))
    session.flush()
    return made


def weeks_of(session, made):
    """The weeks of a campaign, in order."""
    return session.query(Week).filter_by(campaign_id=made.id).order_by(Week.monday).all()


def school(session, where, label=Label.REP_PLUS, *, name="Collège Stendhal", at=NANTES):
    number = next(_numbers)
    made = added(
        session,
        School(
            territory=where,
            uai=f"{4400000 + number:07d}A",
            name=name,
            commune="Nantes",
            postcode="44300",
            lat=at[0],
            lon=at[1],
        ),
    )
    added(session, SchoolLabel(school=made, school_year=SEASON, label=label))
    return made


def school_class(session, made, of_school, weeks, name="3e A"):
    return added(
        session,
        SchoolClass(campaign_id=made.id, school=of_school, name=name, weeks=list(weeks)),
    )


def pupil(session, klass, first_name="Lina", last_name="Bernard", *, code=None, guardian=None):
    made = Pupil(
        campaign_id=klass.campaign_id,
        school=klass.school,
        school_class=klass,
        first_name=first_name,
        last_name=last_name,
        birth_date=date(2012, 3, 9),
        code_digest=code_digest(session, code) if code else None,
    )
    if guardian:
        made.guardians.append(guardian)
    return added(session, made)


def guardian(session, name="Samira Bernard", email="samira@example.org"):
    return added(session, Guardian(name=name, email=email))


def host(session, where, name="Menuiserie Le Goff", kind=HostKind.COMPANY):
    made = added(session, Host(territory=where, name=name, kind=kind))
    added(
        session,
        Site(
            host=made,
            siret=f"{next(_numbers):014d}",
            name=name,
            address="3 rue du Port",
            postcode="44000",
            commune="Nantes",
            insee_code="44109",
            lat=NANTES[0] + 0.02,
            lon=NANTES[1],
        ),
    )
    return made


def offer(session, made, of_host, seats, title="Découvrir une menuiserie", **fields):
    """An open offer; `seats` maps weeks to places."""
    values = {
        "state": OfferState.OPEN,
        "sector": Sector.WOOD,
        "description": "Tu suis les menuisiers, de l’idée au meuble fini.",
        "contact_name": "Anne Le Goff",
        "contact_email": "anne@example.org",
        "created_at": datetime(2026, 9, 10, 8, tzinfo=UTC),
    }
    return added(
        session,
        Offer(
            campaign_id=made.id,
            site=of_host.sites[0],
            title=title,
            weeks=[OfferWeek(week=week, seats=count) for week, count in seats.items()],
            **{**values, **fields},
        ),
    )


def wishes(session, of_pupil, *offers):
    """Rank these offers, best first."""
    for rank, wanted in enumerate(offers, start=1):
        session.add(Wish(pupil=of_pupil, offer=wanted, rank=rank))
    session.flush()


def member(session, role, *, email=None, name="Camille Martin", password_hash=None, **scope):
    """An account with one membership; scope: school=, host=, territory=, pupil=, guardian=."""
    account = added(
        session,
        Account(
            email=email or f"personne{next(_numbers)}@example.org",
            name=name,
            password_hash=password_hash,
            confirmed_at=datetime(2026, 9, 1, tzinfo=UTC),
        ),
    )
    return added(session, Membership(account=account, role=role, **scope))


def animator(session, where, **fields):
    return member(session, Role.ANIMATOR, territory=where, **fields)


def head(session, of_school, **fields):
    return member(session, Role.SCHOOL, school=of_school, **fields)


def host_member(session, of_host, **fields):
    return member(session, Role.HOST, host=of_host, **fields)


def pupil_member(session, of_pupil, **fields):
    return member(session, Role.PUPIL, pupil=of_pupil, name=of_pupil.full_name, **fields)


def guardian_member(session, of_guardian, **fields):
    return member(session, Role.GUARDIAN, guardian=of_guardian, name=of_guardian.name, **fields)
