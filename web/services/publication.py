"""Publication: one act that gives the places of a run and tells everyone, or does nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import (
    Assignment,
    Decision,
    DecisionKind,
    Message,
    MessageKind,
    Origin,
    Placement,
    Round,
    RoundState,
    Run,
    assignments_of_run,
    contact_letters,
    guardian_letters,
    host_letters,
    numbers_to_text,
    open_offers,
    placements_of_campaign,
    pupil_letters,
    pupils_out,
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


@dataclass(frozen=True)
class Mailing:
    """The letters that publication sends, by audience; families without mail get an SMS."""

    families: Letters
    texts: Letters
    schools: Letters
    hosts: Letters


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
    assignments = session.scalars(assignments_of_run(run.id)).all()
    if (reason := obstacle(session, published, assignments)) is not None:
        raise Refused(reason)
    if published.campaign.two_people and not confirmed(session, published, run, by=by, now=now):
        session.commit()
        return published
    mailing = letters(session, published, assignments)
    session.add_all(_placements(session, published, run, assignments, now))
    published.state, published.published_at = RoundState.PUBLISHED, now
    event, told = f"publication:{round_id}", [*mailing.families, *mailing.texts]
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


def obstacle(session: Session, of_round: Round, assignments: Sequence[Assignment]) -> str | None:
    """Why a run cannot be published as it stands, or None: said by the page before the act."""
    return missing_places(session, of_round, assignments) or unsettled(
        session, of_round, assignments
    )


def missing_places(
    session: Session, of_round: Round, assignments: Sequence[Assignment]
) -> str | None:
    """Why some places of a run no longer exist, or None when all do."""
    holders = _holders(session, of_round.campaign_id)
    given = Counter(
        a.offer_week_id for a in assignments if a.offer_week_id and a.pupil_id not in holders
    )
    offers = session.scalars(open_offers(of_round.campaign_id)).all()
    seats = {offered.id: offered.seats for offer in offers for offered in offer.weeks}
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
    assignments: Iterable[Assignment],
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
        for one in assignments
        if one.offer_week_id is not None
        and one.pupil_id not in holders
        and one.pupil.left_at is None
    ]


def _placement(
    published: Round, run: Run, one: Assignment, by_hand: Decision | None, now: datetime
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
    held = {
        placement.pupil_id for placement in session.scalars(placements_of_campaign(campaign_id))
    }
    return held | set(session.scalars(pupils_out(campaign_id, None)))


def letters(session: Session, of_round: Round, assignments: Sequence[Assignment]) -> Mailing:
    """What publication would tell to families, schools and hosts."""
    campaign_id = of_round.campaign_id
    held = _holders(session, campaign_id)
    later = of_round.number > 1
    assignments = [
        one
        for one in assignments
        if one.pupil.left_at is None and not (later and one.pupil_id in held)
    ]
    silent = set(session.scalars(pupils_without_wish(campaign_id)))
    outcome = {
        **{pupil: {"status": "no_wish"} for pupil in silent if not (later and pupil in held)},
        **{a.pupil_id: _outcome(a) for a in assignments},
        **({} if later else {pupil: {"status": "held"} for pupil in held}),
    }
    families = [
        *session.execute(guardian_letters(campaign_id)),
        *session.execute(pupil_letters(campaign_id)),
    ]
    by_school = Counter((a.pupil.school_id, a.offer_week_id is not None) for a in assignments)
    by_host = Counter(
        host.id
        for a in assignments
        if a.offer_week is not None and a.pupil_id not in held
        for host in a.offer_week.offer.hosts
    )
    teams = session.execute(school_letters(campaign_id))
    numbers = session.execute(numbers_to_text(campaign_id))
    texts: Letters = [
        (number, {"round_id": of_round.id}) for number, pupil in numbers if pupil in outcome
    ]
    return Mailing(
        families=_family_letters(of_round, families, outcome),
        texts=texts,
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


def _outcome(assignment: Assignment) -> dict[str, Any]:
    place = assignment.offer_week
    if place is None:
        return {"status": "unplaced"}
    return {
        "status": "placed",
        "title": place.offer.title,
        "host": place.offer.host_names,
        "commune": place.offer.site.commune,
        "monday": place.week.monday.isoformat(),
    }


def _family_letters(
    of_round: Round, rows: Iterable[Any], outcome: dict[int, dict[str, Any]]
) -> Letters:
    """One letter for each address, with every child it is for."""
    children: dict[str, dict[int, dict[str, Any]]] = {}
    for email, pupil_id, first_name in rows:
        if email and pupil_id in outcome:
            child = {"pupil_id": pupil_id, "first_name": first_name, **outcome[pupil_id]}
            children.setdefault(email, {})[pupil_id] = child
    shared = {"round_id": of_round.id, "answers_until": of_round.answers_until.isoformat()}
    return [(email, {"children": list(own.values())} | shared) for email, own in children.items()]


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


def samples(mailing: Mailing) -> list[tuple[str, Message]]:
    """The first letter of each audience, never stored: the page writes it as the mail will."""
    audiences = (
        ("Message aux familles", MessageKind.RESULT_FAMILY, mailing.families),
        ("SMS aux familles sans courriel", MessageKind.RESULT_FAMILY, mailing.texts),
        ("Message aux collèges", MessageKind.RESULT_SCHOOL, mailing.schools),
        ("Message aux structures", MessageKind.RESULT_HOST, mailing.hosts),
    )
    return [
        (title, Message(kind=kind, recipient=found[0][0], params=found[0][1]))
        for title, kind, found in audiences
        if found
    ]
