"""What an animator reads before publication: each school, each pupil, what stays empty."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import (
    Assignment,
    Campaign,
    Label,
    Pupil,
    Run,
    School,
    Source,
    assignment_counts,
    assignment_of_pupil,
    assignments_in_school,
    assignments_of_pupils,
    people_of_run,
    run_in_territory,
    schools_of_campaign,
    seats_by_host,
    taken_by_run,
)
from web.services.errors import Gone
from web.services.freeze import label_of
from web.services.reach import farthest_m
from web.services.reasons import Explanation, why
from web.services.spelling import in_order, plain

SHOWN = 40
"""Pupils that one page of a search shows."""


@dataclass(frozen=True)
class SchoolRow:
    """A school in the review of a run."""

    school: School
    label: Label
    pupils: int
    placed: int
    first: int
    top3: int

    @property
    def unplaced(self) -> int:
        """Pupils who ranked wishes and have no place."""
        return self.pupils - self.placed


@dataclass(frozen=True)
class PupilRow:
    """A pupil in the review of a run."""

    assignment: Assignment
    label: Label
    metres: int | None

    @property
    def pupil(self) -> Pupil:
        """Who it is."""
        return self.assignment.pupil

    @property
    def title(self) -> str:
        """The place proposed, or nothing."""
        place = self.assignment.offer_week
        return place.offer.title if place else ""

    @property
    def wish(self) -> str:
        """Rank of the wish, in one word."""
        if self.assignment.source is Source.COMPLETION:
            return "autre"
        return str(self.assignment.rank or "–")


@dataclass(frozen=True)
class PupilFile:
    """One pupil and why the run gave this."""

    row: PupilRow
    explanation: Explanation


@dataclass(frozen=True)
class Found:
    """What a search found: how many pupils, and those of one page."""

    count: int
    rows: list[PupilRow]
    page: int
    pages: int


@dataclass(frozen=True)
class EmptySeats:
    """A host with places that nobody has."""

    host: str
    offers: int
    seats: int


def run_seen(session: Session, run_id: int, territory_id: int) -> Run:
    """A run, if this territory may see it.

    Raises:
        Gone: it belongs to another territory, or does not exist.
    """
    run = session.scalar(run_in_territory(run_id, territory_id))
    if run is None:
        raise Gone("Ce calcul n’existe pas.")
    return run


def school_rows(session: Session, run: Run) -> list[SchoolRow]:
    """The schools of a run, pupils without a place first, then by label and name."""
    campaign = run.round.campaign
    counts = {row[0]: row[1:] for row in session.execute(assignment_counts(run.id))}
    rows = [
        SchoolRow(school, label_of(school, campaign.season), *counts[school.id])
        for school in session.scalars(schools_of_campaign(campaign.id))
        if school.id in counts
    ]
    order = list(Label)
    return sorted(rows, key=lambda r: (-r.unplaced, order.index(r.label), r.school.name))


def school_review(session: Session, run: Run, school_id: int) -> tuple[SchoolRow, list[PupilRow]]:
    """A school of a run with its pupils, those without a place first.

    Raises:
        Gone: the run holds no pupil of this school.
    """
    row = next((r for r in school_rows(session, run) if r.school.id == school_id), None)
    if row is None:
        raise Gone("Ce collège n’est pas dans ce calcul.")
    found = session.scalars(assignments_in_school(run.id, school_id)).all()
    return row, _unplaced_first(session, found, run.round.campaign)


def search_pupils(
    session: Session, run: Run, words: str, label: Label | None, *, unplaced: bool, page: int = 1
) -> Found:
    """The pupils of a run whose name holds every word, accents aside; without a place first."""
    campaign, wanted = run.round.campaign, plain(words).split()
    schools = session.scalars(schools_of_campaign(campaign.id)).all()
    within = {one.id for one in schools if label in (None, label_of(one, campaign.season))}
    found = sorted(
        (place is not None, school, in_order(last, first), pupil)
        for pupil, first, last, school, place in session.execute(people_of_run(run.id))
        if school in within
        and not (unplaced and place)
        and all(word in f"{plain(first)} {plain(last)}" for word in wanted)
    )
    pages = max(1, -(-len(found) // SHOWN))
    page = min(max(page, 1), pages)
    shown = [pupil for *_, pupil in found[(page - 1) * SHOWN : page * SHOWN]]
    rows = session.scalars(assignments_of_pupils(run.id, shown)).all()
    return Found(len(found), _unplaced_first(session, rows, campaign), page, pages)


def _unplaced_first(
    session: Session, found: Iterable[Assignment], campaign: Campaign
) -> list[PupilRow]:
    session.scalars(schools_of_campaign(campaign.id)).all()  # their labels, in one query
    rows = [_pupil_row(one, campaign) for one in found]
    return sorted(rows, key=_order)


def _order(row: PupilRow) -> tuple[bool, int, tuple[str, str]]:
    pupil, placed = row.pupil, row.assignment.offer_week is not None
    return placed, pupil.school_id, in_order(pupil.last_name, pupil.first_name)


def _pupil_row(one: Assignment, campaign: Campaign) -> PupilRow:
    school, place = one.pupil.school, one.offer_week
    metres = farthest_m(school, place.offer) if place else None
    return PupilRow(one, label_of(school, campaign.season), metres)


def pupil_file(session: Session, run: Run, pupil_id: int) -> PupilFile:
    """One pupil of a run, with her wishes and the reasons.

    Raises:
        Gone: she is not in this run.
    """
    found = session.scalar(assignment_of_pupil(run.id, pupil_id))
    if found is None:
        raise Gone("Cet élève n’est pas dans ce calcul.")
    explanation = why(session, run.id, pupil_id, voice="vous", prices=True)
    return PupilFile(_pupil_row(found, run.round.campaign), explanation)


def empty_seats(session: Session, run: Run) -> list[EmptySeats]:
    """The hosts to whom a run leaves places, the most first."""
    taken = dict(session.execute(taken_by_run(run.id)).all())
    hosts: dict[int, str] = {}
    offers: dict[tuple[int, int], list[int]] = {}
    limits: dict[int, int | None] = {}
    for host, name, offer, limit, place, seats in session.execute(
        seats_by_host(run.round.campaign_id)
    ):
        hosts[host], limits[offer] = name, limit
        row = offers.setdefault((host, offer), [0, 0])
        row[0] += seats
        row[1] += taken.get(place, 0)
    free: dict[int, list[int]] = {}
    for (host, offer), (seats, used) in offers.items():
        if (left := min(seats, limits[offer] or seats) - used) > 0:
            free.setdefault(host, []).append(left)
    rows = [EmptySeats(hosts[host], len(left), sum(left)) for host, left in free.items()]
    return sorted(rows, key=lambda row: (-row.seats, row.host))
