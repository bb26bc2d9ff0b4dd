"""Publication: one act that gives the places of a run and tells everyone, or does nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import (
    Decision,
    DecisionKind,
    Message,
    MessageKind,
    OfferWeek,
    Origin,
    Placement,
    Round,
    RoundState,
    Run,
    contact_letters,
    given_in_run,
    guardian_letters,
    host_letters,
    hosts_of_places,
    numbers_to_text,
    open_seats,
    places_by_id,
    pupil_letters,
    pupils_out,
    pupils_with_place,
    pupils_without_wish,
    school_letters,
    seats_taken,
    standing_decisions,
)
from web.format import moment
from web.services.errors import Refused
from web.services.journal import record
from web.services.objection_desk import unsettled
from web.services.outbox import tell
from web.services.rounds import locked_round, selected_run
from web.services.two_people import confirmed

Letters = list[tuple[str, dict[str, Any]]]
Rows = Iterable[tuple[str | None, int]]


@dataclass(frozen=True, slots=True)
class Given:
    """What a run gives to one pupil, without anything that is loaded."""

    pupil_id: int
    school_id: int
    left_at: datetime | None
    offer_week_id: int | None
    rank: int | None


@dataclass(frozen=True)
class Mailing:
    """Who is told by publication, by audience; families without mail get an SMS.

    Nothing is written yet: a page counts addresses and shows one letter of each audience.
    """

    of_round: Round
    families: list[tuple[str, dict[int, str]]]
    """(address, first name of each child)."""
    texts: list[str]
    schools: Letters
    hosts: Letters
    outcome: Mapping[int, str | int]
    """What each pupil is told: a status, or the place that she has."""

    def to_families(self, session: Session, first: int | None = None) -> Letters:
        """The letters of the families, all or the first ones, with every child each is for."""
        chosen = self.families[:first]
        told = {pupil: self.outcome[pupil] for _, own in chosen for pupil in own}
        ids = {place for place in told.values() if isinstance(place, int)}
        places = {one.id: _place(one) for one in session.scalars(places_by_id(ids))}
        said = {
            pupil: places[known] if isinstance(known, int) else {"status": known}
            for pupil, known in told.items()
        }
        shared = {
            "round_id": self.of_round.id,
            "answers_until": self.of_round.answers_until.isoformat(),
        }
        return [
            (
                email,
                {
                    "children": [
                        {"pupil_id": pupil, "first_name": name, **said[pupil]}
                        for pupil, name in own.items()
                    ]
                }
                | shared,
            )
            for email, own in chosen
        ]

    def to_phones(self, first: int | None = None) -> Letters:
        """The SMS, all or the first ones."""
        return [(number, {"round_id": self.of_round.id}) for number in self.texts[:first]]


def publish(session: Session, round_id: int, *, by: int, now: datetime) -> Round:
    """Publish the selected run: placements, state, secret and messages in one transaction.

    A second click finds the round published and changes nothing. Where two people publish, the
    first call only notes the request: the round stays in review until somebody else confirms.

    Raises:
        Refused: the schools' delay runs, no run may be published, or places were withdrawn,
            or the same person confirms her own request.
    """
    published = locked_round(session, round_id)
    if published.state is RoundState.PUBLISHED:
        session.commit()
        return published
    run = publishable_run(session, published, now)
    given = given_by(session, run)
    if (reason := obstacle(session, published, given)) is not None:
        raise Refused(reason)
    if published.campaign.two_people and not confirmed(session, published, run, by=by, now=now):
        session.commit()
        return published
    mailing = letters(session, published, given)
    session.add_all(_placements(session, published, run, given, now))
    published.state, published.published_at = RoundState.PUBLISHED, now
    event = f"publication:{round_id}"
    told = [*mailing.to_families(session), *mailing.to_phones()]
    tell(session, MessageKind.RESULT_FAMILY, f"{event}:family", told, now=now)
    tell(session, MessageKind.RESULT_SCHOOL, f"{event}:school", mailing.schools, now=now)
    tell(session, MessageKind.RESULT_HOST, f"{event}:host", mailing.hosts, now=now)
    record(session, "round.published", f"round:{round_id}", by=by, now=now, run=run.id)
    session.commit()
    return published


def publishable_run(session: Session, of_round: Round, now: datetime) -> Run:
    """The run that may be published now.

    Raises:
        Refused: not in review, the schools' delay or the announced hour to come, or no run.
    """
    if of_round.state is not RoundState.REVIEW:
        raise Refused("La publication vient après la relecture par les collèges.")
    if now < of_round.review_until:
        raise Refused(
            f"Les collèges peuvent relire jusqu’au {moment(of_round.review_until)} : "
            "la publication attend la fin de ce délai."
        )
    if now < of_round.publish_at:
        raise Refused(
            f"Les familles attendent les résultats le {moment(of_round.publish_at)}, toutes en "
            "même temps. Publiez à partir de cette heure, ou changez la date."
        )
    run = selected_run(session, of_round)
    if run is None:
        raise Refused("Aucun calcul vérifié, fait avec la règle publiée, n’est retenu.")
    return run


def given_by(session: Session, run: Run) -> list[Given]:
    """What a run gives to each of its pupils, by school then name."""
    return [Given(*row) for row in session.execute(given_in_run(run.id))]


def obstacle(session: Session, of_round: Round, given: Sequence[Given]) -> str | None:
    """Why a run cannot be published as it stands, or None: said by the page before the act."""
    places = {one.pupil_id: one.offer_week_id for one in given}
    return missing_places(session, of_round, places) or unsettled(session, of_round, places)


def missing_places(
    session: Session, of_round: Round, places: Mapping[int, int | None]
) -> str | None:
    """Why some of the places of each pupil no longer exist, or None when all do."""
    holders = _holders(session, of_round.campaign_id)
    given = Counter(place for pupil, place in places.items() if place and pupil not in holders)
    seats = dict(session.execute(open_seats(of_round.campaign_id)).all())
    for place, _, _, count in session.execute(seats_taken(of_round.campaign_id)):
        seats[place] = seats.get(place, 0) - count
    short = sum(max(count - max(seats.get(place, 0), 0), 0) for place, count in given.items())
    if not short:
        return None
    return (
        f"{short} place{'s' if short > 1 else ''} de ce calcul "
        f"{'ont été retirées' if short > 1 else 'a été retirée'} depuis. Relancez le calcul."
    )


def _placements(
    session: Session,
    published: Round,
    run: Run,
    given: Iterable[Given],
    now: datetime,
) -> list[Placement]:
    """One placement for each pupil placed, but for those who found one or left since the run."""
    holders = _holders(session, published.campaign_id)
    by_hand = {
        (one.pupil_id, one.offer_week_id): one
        for one in session.scalars(standing_decisions(published.id))
        if one.kind is DecisionKind.HAND
    }
    return [
        _placement(published, run, one, by_hand.get((one.pupil_id, one.offer_week_id or 0)), now)
        for one in given
        if one.offer_week_id is not None and one.pupil_id not in holders and one.left_at is None
    ]


def _placement(
    published: Round, run: Run, one: Given, by_hand: Decision | None, now: datetime
) -> Placement:
    return Placement(
        campaign_id=published.campaign_id,
        round_id=published.id,
        pupil_id=one.pupil_id,
        offer_week_id=one.offer_week_id,
        run_id=run.id,
        origin=Origin.HAND if by_hand else Origin.RUN,
        rank=one.rank,
        agreed=by_hand is not None and by_hand.agreed,
        created_at=now,
    )


def _holders(session: Session, campaign_id: int) -> set[int]:
    """The pupils who need no place: they hold one, or the school checked theirs."""
    held = set(session.scalars(pupils_with_place(campaign_id)))
    return held | set(session.scalars(pupils_out(campaign_id, None)))


def letters(session: Session, of_round: Round, given: Iterable[Given]) -> Mailing:
    """What publication would tell to families, schools and hosts."""
    campaign_id = of_round.campaign_id
    held = _holders(session, campaign_id)
    later = of_round.number > 1
    mine = [one for one in given if one.left_at is None and not (later and one.pupil_id in held)]
    silent = set(session.scalars(pupils_without_wish(campaign_id)))
    outcome: dict[int, str | int] = {
        **{pupil: "no_wish" for pupil in silent if not (later and pupil in held)},
        **{one.pupil_id: one.offer_week_id or "unplaced" for one in mine},
        **({} if later else dict.fromkeys(held, "held")),
    }
    families = [
        *session.execute(guardian_letters(campaign_id)),
        *session.execute(pupil_letters(campaign_id)),
    ]
    by_school = Counter((one.school_id, one.offer_week_id is not None) for one in mine)
    taken = Counter(one.offer_week_id for one in mine if one.pupil_id not in held)
    by_host: Counter[int] = Counter()
    for place, host in session.execute(hosts_of_places(campaign_id)):
        by_host[host] += taken[place]
    teams = session.execute(school_letters(campaign_id))
    numbers = session.execute(numbers_to_text(campaign_id))
    return Mailing(
        of_round=of_round,
        families=_by_family(families, outcome),
        texts=[number for number, pupil in numbers if pupil in outcome],
        outcome=outcome,
        schools=[
            (
                email,
                {
                    "round_id": of_round.id,
                    "placed": sum(by_school[school, True] for school in schools),
                    "unplaced": sum(by_school[school, False] for school in schools),
                },
            )
            for email, schools in _by_address((email, school) for email, school in teams)
            if not later or any(sum(by_school[s, p] for p in (True, False)) for s in schools)
        ],
        hosts=[
            (email, {"round_id": of_round.id, "pupils": sum(by_host[host] for host in hosts)})
            for email, hosts in _by_address(_host_rows(session, campaign_id))
            if not later or any(by_host[host] for host in hosts)
        ],
    )


def _place(place: OfferWeek) -> dict[str, Any]:
    return {
        "status": "placed",
        "title": place.offer.title,
        "host": place.offer.host_names,
        "commune": place.offer.site.commune,
        "monday": place.week.monday.isoformat(),
    }


def _by_family(rows: Iterable[Any], outcome: Mapping[int, Any]) -> list[tuple[str, dict[int, str]]]:
    """Each address, with every child to tell it about."""
    children: dict[str, dict[int, str]] = {}
    for email, pupil_id, first_name in rows:
        if email and pupil_id in outcome:
            children.setdefault(email, {})[pupil_id] = first_name
    return list(children.items())


def _host_rows(session: Session, campaign_id: int) -> list[tuple[str | None, int]]:
    """The team of each host; for a host without an account, the contact of its offers."""
    teams = [(email, host) for email, host in session.execute(host_letters(campaign_id))]
    known = {host for _, host in teams}
    contacts = session.execute(contact_letters(campaign_id))
    return [*teams, *((email, host) for email, host in contacts if host not in known)]


def _by_address(rows: Rows) -> Iterable[tuple[str, set[int]]]:
    """One letter to each address, with all that its person is in charge of."""
    found: dict[str, set[int]] = {}
    for email, thing in rows:
        if email:
            found.setdefault(email, set()).add(thing)
    return found.items()


def samples(session: Session, mailing: Mailing) -> list[tuple[str, Message]]:
    """The first letter of each audience, never stored: the page writes it as the mail will."""
    audiences = (
        ("Message aux familles", MessageKind.RESULT_FAMILY, mailing.to_families(session, 1)),
        ("SMS aux familles sans courriel", MessageKind.RESULT_FAMILY, mailing.to_phones(1)),
        ("Message aux collèges", MessageKind.RESULT_SCHOOL, mailing.schools),
        ("Message aux structures", MessageKind.RESULT_HOST, mailing.hosts),
    )
    return [
        (title, Message(kind=kind, recipient=found[0][0], params=found[0][1]))
        for title, kind, found in audiences
        if found
    ]
