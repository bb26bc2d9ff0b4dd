"""From what a round holds to the arrays of the rule: an instance, and who is behind each row."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from matching import Arc, ChoiceRow, Instance, PupilRow, build_instance
from matching.draws import pair_draws
from models import (
    Decision,
    DecisionKind,
    Label,
    Need,
    Offer,
    Pupil,
    Round,
    School,
    departures_told,
    open_offers,
    placements_of_campaign,
    pupils_of_campaign,
    standing_decisions,
)
from web.services.errors import Refused
from web.services.found_places import out_of_round
from web.services.needs_access import needs_of
from web.services.reach import allowed_weeks, distance_m, limit_m, weeks_for

TIERS = {Label.REP_PLUS: 0, Label.REP: 1, Label.NONE: 3}
"""Tier 2, for schools in or next to a QPV, is an option of later."""
LABELS = {tier: label for label, tier in TIERS.items()}

Given = Mapping[int, int | None]
"""The offer-week that a first run gave to each pupil, or None."""


@dataclass(frozen=True)
class Frozen:
    """An instance, the pupil and the offer-week of each row, and who was left out."""

    instance: Instance
    pupils: tuple[int, ...]
    choices: tuple[int, ...]
    no_wish: dict[str, int]
    """Pupils who ranked nothing, by label."""
    held: int
    """Pupils who already hold a place."""
    found: int
    """Pupils whose own place the school has checked."""
    widened: int = 0
    """Pupils who got other possible places in a second freeze."""


@dataclass(frozen=True)
class _Nearby:
    """The offers that a class can take, as columns, for choosing completions fast."""

    offers: tuple[Offer, ...]
    ids: NDArray[np.int64]
    metres: NDArray[np.int64]
    families: NDArray[np.str_]


def pupil_key(session: Session, held_round: Round, pupil_id: int) -> int:
    """The key that stands for a pupil in the draws of a round.

    It looks random to whoever lacks the server's key, and is the same in every run of the round,
    so that running again never draws again.
    """
    pepper: bytes = session.info["pepper"]
    text = f"pupil-key:{held_round.id}:{held_round.secret}:{pupil_id}".encode()
    return int.from_bytes(hmac.new(pepper, text, hashlib.sha256).digest()[:8], "big") >> 2


def freeze(session: Session, held_round: Round, seed: str, *, given: Given | None = None) -> Frozen:
    """Return what a round holds now as an instance of the rule.

    `given`, the places of a first run, makes a second freeze: they are locked, and a pupil left
    without any may now have every compatible place that remains.

    Raises:
        Refused: two decisions contradict each other, or nobody has a wish.
    """
    campaign = held_round.campaign
    everyone = [
        p for p in session.scalars(pupils_of_campaign(campaign.id)) if in_round(p, held_round)
    ]
    offers = held_offers(session, held_round)
    held = session.scalars(placements_of_campaign(campaign.id)).all()
    holders = {placement.pupil_id for placement in held}
    found = out_of_round(session, held_round) - holders
    out = holders | found
    pupils = [p for p in everyone if p.wishes and p.id not in out]
    if not pupils:
        raise Refused("Aucun élève n’a fait de vœu : il n’y a rien à calculer.")
    decided = _by_pupil(session.scalars(standing_decisions(held_round.id)).all())
    arcs = _Arcs(campaign.max_completions, offers, seed)
    gone = {*session.scalars(departures_told(held_round.id)), *(p.id for p in pupils if p.left_at)}
    rows = [
        _pupil_row(
            pupil,
            pupil_key(session, held_round, pupil.id),
            arcs,
            decided,
            campaign.season,
            gone=pupil.id in gone,
        )
        for pupil in pupils
    ]
    taken = Counter(placement.offer_week_id for placement in held)
    choices, pools = _choice_rows(offers, taken, first_round=held_round.number == 1)
    widened = 0
    if given is not None:
        left = _seats_left(choices, pools, given)
        wider = [
            row if pupil.id in gone else _second_row(row, pupil, given, arcs, left, decided)
            for row, pupil in zip(rows, pupils, strict=True)
        ]
        widened = sum(len(b.arcs) > len(a.arcs) for a, b in zip(rows, wider, strict=True))
        rows = wider
    _refuse_overfull(rows, choices)
    return Frozen(
        instance=build_instance(rows, choices, pools),
        pupils=tuple(pupil.id for pupil in pupils),
        choices=tuple(choice.key for choice in choices),
        no_wish=_without_wish(everyone, out, campaign.season),
        held=len(holders),
        found=len(found),
        widened=widened,
    )


def in_round(pupil: Pupil, held_round: Round) -> bool:
    """Whether a round counts this pupil: not once gone, nor in a class still to be confirmed.

    Who leaves after the closing stays in the instance, where every place is forbidden to her.
    """
    gone = pupil.left_at is not None and pupil.left_at < held_round.wishes_close_at
    return pupil.school_class.takes_part and not gone


def held_offers(session: Session, held_round: Round) -> list[Offer]:
    """The open offers of a round: those approved after its closing wait for the next one."""
    closed = held_round.snapshot_sha256 is not None
    return [
        offer
        for offer in session.scalars(open_offers(held_round.campaign_id))
        if not (closed and offer.decided_at and offer.decided_at > held_round.wishes_close_at)
    ]


def label_of(school: School, season: int) -> Label:
    """The label that gives a school's pupils their tier in a season."""
    return school.label_in(season)


def _without_wish(everyone: Iterable[Pupil], out: set[int], season: int) -> dict[str, int]:
    silent = [p for p in everyone if not p.wishes and p.id not in out]
    return dict(Counter(label_of(p.school, season).value for p in silent))


class _Arcs:
    """The places that a pupil may be given: wishes first, then completions."""

    def __init__(self, most: int, offers: Sequence[Offer], seed: str) -> None:
        self.most = most
        self.offers = {offer.id: offer for offer in offers}
        self.seed = seed
        self.metres: dict[tuple[int, int], int] = {}
        self.nearby: dict[tuple[int, frozenset[int], frozenset[Need]], _Nearby] = {}

    def of(self, pupil: Pupil, key: int) -> dict[int, Arc]:
        """The arcs of a pupil by offer-week."""
        arcs: dict[int, Arc] = {}
        for wish in pupil.wishes:
            if wish.offer_id in self.offers:
                self._add(arcs, pupil, self.offers[wish.offer_id], rank=wish.rank)
        for offer in self._completions(pupil, key):
            self._add(arcs, pupil, offer)
        return arcs

    def distance(self, pupil: Pupil, offer: Offer) -> int:
        """Metres from the school of a pupil to an offer."""
        pair = (pupil.school_id, offer.site_id)
        if pair not in self.metres:
            self.metres[pair] = distance_m(pupil.school, offer.site)
        return self.metres[pair]

    def _add(self, arcs: dict[int, Arc], pupil: Pupil, offer: Offer, rank: int = 0) -> None:
        dist = round(self.distance(pupil, offer) / 100)
        for offered in weeks_for(pupil, offer):
            arcs[offered.id] = Arc(offered.id, rank, dist, completion=rank == 0)

    def remaining(self, pupil: Pupil, left: set[int]) -> list[Arc]:
        """Every place still free that this pupil can take, whatever the limits of the family."""
        return [
            Arc(offered.id, 0, round(self.distance(pupil, offer) / 100), completion=True)
            for offer in self._near(pupil).offers
            for offered in weeks_for(pupil, offer)
            if offered.id in left
        ]

    def _completions(self, pupil: Pupil, key: int) -> list[Offer]:
        """The nearest offers within the family's limits; at equal distance the draw chooses."""
        near = self._near(pupil)
        wished = [wish.offer_id for wish in pupil.wishes]
        fits = (near.metres <= limit_m(pupil)) & ~np.isin(near.ids, wished)
        fits &= ~np.isin(near.families, pupil.refused_families)
        rows = np.flatnonzero(fits)
        drawn = pair_draws(np.array([key]), near.ids[rows], self.seed)
        order = np.lexsort((drawn, near.metres[rows]))[: self.most]
        return [near.offers[row] for row in rows[order]]

    def _near(self, pupil: Pupil) -> _Nearby:
        group = (pupil.school_id, frozenset(allowed_weeks(pupil)), needs_of(pupil))
        if group not in self.nearby:
            offers = tuple(o for o in self.offers.values() if weeks_for(pupil, o))
            self.nearby[group] = _Nearby(
                offers,
                np.array([o.id for o in offers], np.int64),
                np.array([self.distance(pupil, o) for o in offers], np.int64),
                np.array([o.family.value for o in offers], np.str_),
            )
        return self.nearby[group]


def _by_pupil(decisions: Iterable[Decision]) -> dict[int, list[Decision]]:
    found: dict[int, list[Decision]] = {}
    for decision in decisions:
        found.setdefault(decision.pupil_id, []).append(decision)
    return found


def _pupil_row(
    pupil: Pupil,
    key: int,
    arcs: _Arcs,
    decided: dict[int, list[Decision]],
    season: int,
    *,
    gone: bool,
) -> PupilRow:
    own = arcs.of(pupil, key)
    decisions = decided.get(pupil.id, [])
    banned = {d.offer_week_id for d in decisions if d.kind is DecisionKind.BAN}
    kept = {d.offer_week_id for d in decisions if d.kind is not DecisionKind.BAN}
    if len(kept) > 1 or kept & banned or (kept and gone):
        raise Refused(f"Deux décisions se contredisent pour {pupil.full_name}.")
    for place in kept - own.keys():
        own[place] = Arc(place, completion=True)
    return PupilRow(
        key=key,
        tier=TIERS[label_of(pupil.school, season)],
        school=pupil.school_id,
        arcs=[
            Arc(a.choice, a.rank, a.dist, a.completion, ban=gone or a.choice in banned)
            for a in own.values()
        ],
        lock=next(iter(kept), None),
    )


def _seats_left(choices: Iterable[ChoiceRow], pools: Mapping[int, int], given: Given) -> set[int]:
    """The offer-weeks that a first run did not fill."""
    used = Counter(place for place in given.values() if place is not None)
    pooled: Counter[int] = Counter()
    for choice in choices:
        if choice.pool is not None:
            pooled[choice.pool] += used[choice.key]
    return {
        choice.key
        for choice in choices
        if used[choice.key] < choice.seats
        and (choice.pool is None or pooled[choice.pool] < pools[choice.pool])
    }


def _second_row(
    row: PupilRow,
    pupil: Pupil,
    given: Given,
    arcs: _Arcs,
    left: set[int],
    decided: dict[int, list[Decision]],
) -> PupilRow:
    """The row of a pupil after a first run: her place kept, or all that remains."""
    place = given.get(pupil.id)
    if place is not None:
        return replace(row, lock=place)
    if pupil.id not in given or row.lock is not None:
        return row
    bans = {d.offer_week_id for d in decided.get(pupil.id, []) if d.kind is DecisionKind.BAN}
    known = {arc.choice for arc in row.arcs} | bans
    more = [arc for arc in arcs.remaining(pupil, left) if arc.choice not in known]
    return replace(row, arcs=[*row.arcs, *more])


def _choice_rows(
    offers: Iterable[Offer], taken: Counter[int], *, first_round: bool
) -> tuple[list[ChoiceRow], dict[int, int]]:
    rows, pools = [], {}
    for offer in offers:
        if offer.total_seats:
            used = sum(taken[offered.id] for offered in offer.weeks)
            pools[offer.id] = max(offer.total_seats - used, 0)
        for offered in offer.weeks:
            seats = max(offered.seats - taken[offered.id], 0)
            if offered.seats:
                rows.append(
                    ChoiceRow(
                        key=offered.id,
                        seats=seats,
                        week=offered.week_id,
                        host=offer.site.host_id,
                        school_max=offer.school_max or 0,
                        reserve=min(offer.reserved_seats, seats) if first_round else 0,
                        min_group=offer.min_group or 0,
                        pool=offer.id if offer.total_seats else None,
                    )
                )
    return rows, pools


def _refuse_overfull(rows: Iterable[PupilRow], choices: Iterable[ChoiceRow]) -> None:
    kept = Counter(row.lock for row in rows if row.lock is not None)
    seats = {choice.key: choice.seats for choice in choices}
    for place, count in kept.items():
        if count > seats.get(place, 0):
            raise Refused(
                f"Les décisions gardent {count} élèves sur une offre qui n’a que "
                f"{seats.get(place, 0)} places."
            )
