"""Where places lack: by school, week and family of sectors, in pupils.

A place that several schools can reach is shared between them in proportion to their pupils of
that week. It is an estimate to know where to ask, not what the assignment computes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from models import (
    Campaign,
    Family,
    Label,
    School,
    Week,
    first_wishes_of_seekers,
    free_places,
    schools_of_campaign,
    seekers_by_class,
    weeks_of,
    weeks_of_classes,
)
from web.services.reach import Point, distance_m

Grid = NDArray[np.float64]


@dataclass(frozen=True)
class Gap:
    """Pupils who look for a place, the places that come to them, and what lacks."""

    pupils: int
    places: int
    missing: int


@dataclass(frozen=True)
class SchoolGap:
    """The gap of one school, with its worst week and its most wanted family."""

    school: School
    label: Label
    gap: Gap
    week: Week | None
    family: Family | None


@dataclass(frozen=True)
class Gaps:
    """What lacks for the pupils of some schools."""

    schools: tuple[SchoolGap, ...]
    weeks: tuple[tuple[Week, Gap], ...]
    families: tuple[tuple[Family, Gap], ...]
    total: Gap

    @property
    def communes(self) -> list[tuple[str, Gap]]:
        """(commune of the schools, what lacks for their pupils), most first."""
        found: dict[str, list[Gap]] = defaultdict(list)
        for row in self.schools:
            found[row.school.commune].append(row.gap)
        told = [
            (
                commune,
                Gap(
                    sum(one.pupils for one in own),
                    sum(one.places for one in own),
                    sum(one.missing for one in own),
                ),
            )
            for commune, own in found.items()
        ]
        return sorted(told, key=lambda row: (-row[1].missing, row[0]))


def gaps(session: Session, campaign: Campaign, labels: Collection[Label]) -> Gaps:
    """What lacks for the schools of these labels, in six queries.

    Every school takes its part of the places; only those of `labels` are told.
    """
    schools = list(session.scalars(schools_of_campaign(campaign.id)))
    weeks = list(session.scalars(weeks_of(campaign.id)))
    expected = _expected(session, campaign.id, schools, weeks)
    shared = _shared(session, campaign.id, schools, weeks, expected)
    wanted = _wanted(session, campaign.id, schools)
    told = [i for i, s in enumerate(schools) if s.label_in(campaign.season) in labels]
    by_week = np.maximum(expected - shared.sum(axis=2), 0)
    by_family = np.maximum(wanted - shared.sum(axis=1), 0)
    families = list(Family)
    rows = [
        SchoolGap(
            schools[i],
            schools[i].label_in(campaign.season),
            _gap(expected[i].sum(), shared[i].sum(), by_week[i].sum()),
            weeks[int(by_week[i].argmax())] if by_week[i].max(initial=0) >= 1 else None,
            families[int(by_family[i].argmax())] if by_family[i].max() >= 1 else None,
        )
        for i in told
    ]
    return Gaps(
        schools=tuple(sorted(rows, key=lambda row: (-row.gap.missing, row.school.name))),
        weeks=tuple(
            (week, _gap(expected[told, w].sum(), shared[told, w].sum(), by_week[told, w].sum()))
            for w, week in enumerate(weeks)
        ),
        families=tuple(_families(families, wanted[told], shared[told], by_family[told])),
        total=_gap(expected[told].sum(), shared[told].sum(), by_week[told].sum()),
    )


def _gap(pupils: float, places: float, missing: float) -> Gap:
    return Gap(round(float(pupils)), round(float(places)), round(float(missing)))


def _families(
    families: list[Family], wanted: Grid, shared: Grid, missing: Grid
) -> Iterator[tuple[Family, Gap]]:
    rows = [
        (family, _gap(wanted[:, f].sum(), shared[:, :, f].sum(), missing[:, f].sum()))
        for f, family in enumerate(families)
    ]
    yield from sorted(rows, key=lambda row: (-row[1].missing, row[0].label))


def _expected(session: Session, campaign_id: int, schools: list[School], weeks: list[Week]) -> Grid:
    """Pupils by (school, week): those of a class with several weeks count in equal parts."""
    row = {school.id: i for i, school in enumerate(schools)}
    column = {week.id: i for i, week in enumerate(weeks)}
    allowed: dict[int, list[int]] = defaultdict(list)
    for klass, week in session.execute(weeks_of_classes(campaign_id)):
        allowed[klass].append(column[week])
    found = np.zeros((len(schools), len(weeks)))
    for school, klass, count in session.execute(seekers_by_class(campaign_id)):
        for week in allowed[klass]:
            found[row[school], week] += count / len(allowed[klass])
    return found


def _wanted(session: Session, campaign_id: int, schools: list[School]) -> Grid:
    """Pupils by (school, family of sectors of their first wish)."""
    row = {school.id: i for i, school in enumerate(schools)}
    column = {family: i for i, family in enumerate(Family)}
    found = np.zeros((len(schools), len(column)))
    for school, sector, count in session.execute(first_wishes_of_seekers(campaign_id)):
        found[row[school], column[sector.family]] += count
    return found


def _shared(
    session: Session, campaign_id: int, schools: list[School], weeks: list[Week], expected: Grid
) -> Grid:
    """Free places by (school, week, family), each shared between the schools that reach it."""
    column = {week.id: i for i, week in enumerate(weeks)}
    family = {one: i for i, one in enumerate(Family)}
    found = np.zeros((len(schools), len(weeks), len(family)))
    left: dict[int, int] = {}
    near: dict[tuple[float, float], NDArray[np.bool_]] = {}
    for offer, week, sector, seats, most, held, lat, lon in session.execute(
        free_places(campaign_id)
    ):
        free = max(seats - held, 0)
        if most is not None:  # its weeks draw on one number of places, the first ones first
            free = min(free, left.setdefault(offer, most) - held)
            left[offer] -= free + held
        if (lat, lon) not in near:
            near[lat, lon] = np.array(
                [distance_m(s, Point(lat, lon)) <= 1000 * s.limit_km for s in schools], bool
            )
        part = np.where(near[lat, lon], expected[:, column[week]], 0)
        if free > 0 and part.sum() > 0:
            found[:, column[week], family[sector.family]] += free * part / part.sum()
    return found
