"""The figures of a campaign and of a run, from a number of queries that never grows."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from matching import Instance, Result
from models import (
    Campaign,
    Label,
    Run,
    Week,
    class_sizes,
    count_found,
    list_counts,
    offers_waiting,
    schools_of_campaign,
    seats_by_offer,
    seats_by_week,
    weeks_of,
    weeks_of_classes,
)
from web.services.freeze import LABELS, label_of

PRIORITY = (Label.REP_PLUS, Label.REP)
COUNTS = ("pupils", "placed", "first", "top3", "wished", "completion", "rank_sum")


@dataclass(frozen=True)
class Share:
    """A part of a whole for one label: a bar of a plot."""

    label: Label
    part: int
    whole: int


@dataclass(frozen=True)
class WeekFigures:
    """Pupils to welcome and places, in one week."""

    week: Week
    pupils: int
    seats: int

    @property
    def gap(self) -> int:
        """Places too many, or missing when negative."""
        return self.seats - self.pupils


@dataclass(frozen=True)
class CampaignFigures:
    """What the page of a campaign shows."""

    pupils: int
    seats: int
    begun: int
    confirmed: int
    labels: tuple[Share, ...]
    weeks: tuple[WeekFigures, ...]
    waiting: int
    oldest: datetime | None
    found: int
    """Pupils whose own place the school checked: they count in no other figure of places."""
    silent: tuple[tuple[str, Label, int], ...]
    """(school, label, pupils without a wish), most first."""

    @property
    def per_hundred(self) -> int:
        """Places for a hundred pupils."""
        return round(100 * self.seats / self.pupils) if self.pupils else 0


def campaign_figures(session: Session, campaign: Campaign) -> CampaignFigures:
    """Count pupils, lists, places and offers of a campaign, in nine queries."""
    schools = {s.id: s for s in session.scalars(schools_of_campaign(campaign.id))}
    rows = session.execute(list_counts(campaign.id)).all()
    confirmed: dict[Label, list[int]] = {label: [0, 0] for label in Label}
    silent = []
    for school_id, pupils, begun, done in rows:
        label = label_of(schools[school_id], campaign.season)
        confirmed[label][0] += done
        confirmed[label][1] += pupils
        if pupils > begun:
            silent.append((schools[school_id].name, label, pupils - begun))
    waiting, oldest = session.execute(offers_waiting(campaign.id)).one()
    offers = session.execute(seats_by_offer(campaign.id)).all()
    return CampaignFigures(
        pupils=sum(row[1] for row in rows),
        seats=sum(min(seats, total or seats) for _, seats, total in offers),
        begun=sum(row[2] for row in rows),
        confirmed=sum(row[3] for row in rows),
        labels=tuple(Share(label, *found) for label, found in confirmed.items() if found[1]),
        weeks=_by_week(session, campaign.id),
        waiting=waiting,
        oldest=oldest,
        found=session.scalars(count_found(campaign.id)).one(),
        silent=tuple(sorted(silent, key=lambda row: -row[2])),
    )


def _by_week(session: Session, campaign_id: int) -> tuple[WeekFigures, ...]:
    """A class that may leave in several weeks counts for an equal part in each."""
    sizes = dict(session.execute(class_sizes(campaign_id)).all())
    own: dict[int, list[int]] = defaultdict(list)
    for klass, week in session.execute(weeks_of_classes(campaign_id)):
        own[klass].append(week)
    expected: dict[int, float] = defaultdict(float)
    for klass, allowed in own.items():
        for week in allowed:
            expected[week] += sizes.get(klass, 0) / len(allowed)
    seats = dict(session.execute(seats_by_week(campaign_id)).all())
    rows, exact, told = [], 0.0, 0
    for one in session.scalars(weeks_of(campaign_id)):
        exact += expected[one.id]
        count = round(exact) - told  # rounded so that the column adds up to its total
        told += count
        rows.append(WeekFigures(one, count, seats.get(one.id) or 0))
    return tuple(rows)


@dataclass(frozen=True)
class LabelFigures:
    """What a run gives to the pupils of one label, or to all."""

    label: Label | None
    pupils: int
    placed: int
    first: int
    top3: int
    wished: int
    completion: int
    rank_sum: int
    no_wish: int

    @property
    def unplaced(self) -> int:
        """Pupils who ranked wishes and have no place."""
        return self.pupils - self.placed

    @property
    def mean_rank(self) -> float | None:
        """Mean rank of the wishes granted; accepted completions are not wishes."""
        return self.rank_sum / self.wished if self.wished else None


@dataclass(frozen=True)
class RunFigures:
    """The figures of a finished run."""

    labels: tuple[LabelFigures, ...]
    total: LabelFigures
    seats: int
    held: int
    found: int

    @property
    def priority_placed(self) -> int:
        """Places that go to pupils of REP+ and REP schools."""
        return sum(row.placed for row in self.labels if row.label in PRIORITY)


def figures_of(run: Run) -> RunFigures | None:
    """The figures stored with a run, or None while it has none."""
    stored = run.figures.get("labels")
    if stored is None:
        return None
    silent = run.figures.get("no_wish", {})
    labels = tuple(
        LabelFigures(label=label, **stored[label.value], no_wish=silent.get(label.value, 0))
        for label in Label
        if stored[label.value]["pupils"] or silent.get(label.value)
    )
    totals = {name: sum(getattr(row, name) for row in labels) for name in (*COUNTS, "no_wish")}
    return RunFigures(
        labels=labels,
        total=LabelFigures(label=None, **totals),
        seats=run.figures["seats"],
        held=run.figures.get("held", 0),
        found=run.figures.get("found", 0),
    )


def published_figures(session: Session, campaign: Campaign) -> RunFigures | None:
    """The figures of the last run of a campaign that was published; None before the first."""
    out = [turn.selected_run_id for turn in campaign.rounds if turn.published_at is not None]
    run = session.get(Run, out[-1]) if out and out[-1] else None
    return figures_of(run) if run else None


def run_figures(instance: Instance, result: Result) -> dict[str, Any]:
    """Counts by label of an assignment, as stored with its run."""
    column = instance.column_of(result.choice)
    rows = np.arange(instance.n)
    placed = column >= 0
    completed = placed & instance.completion[rows, column]
    wished = placed & ~completed
    rank = np.where(wished, instance.rank[rows, column], 0)
    labels = {
        label.value: {
            "pupils": int(mine.sum()),
            "placed": int((mine & placed).sum()),
            "first": int((mine & (rank == 1)).sum()),
            "top3": int((mine & wished & (rank <= 3)).sum()),
            "wished": int((mine & wished).sum()),
            "completion": int((mine & completed).sum()),
            "rank_sum": int(rank[mine].sum()),
        }
        for tier, label in LABELS.items()
        for mine in [instance.tier == tier]
    }
    return {"labels": labels, "seats": _seats(instance)}


def _seats(instance: Instance) -> int:
    """Places of an instance: an offer with a common limit counts for no more than it."""
    return sum(seats_by(instance, np.zeros(instance.m, np.int64)).values())


def seats_by(instance: Instance, code: NDArray[np.int64]) -> dict[int, int]:
    """Places by a code of each choice, the same for all the weeks of an offer."""
    pooled = instance.pool >= 0
    seats: dict[int, int] = defaultdict(int)
    for key, cap in zip(code[~pooled].tolist(), instance.cap[~pooled].tolist(), strict=True):
        seats[key] += cap
    drawn = np.bincount(
        instance.pool[pooled], instance.cap[pooled], minlength=len(instance.pool_cap)
    )
    of_pool = dict(zip(instance.pool[pooled].tolist(), code[pooled].tolist(), strict=True))
    for pool, key in of_pool.items():
        seats[key] += min(int(drawn[pool]), int(instance.pool_cap[pool]))
    return dict(seats)
