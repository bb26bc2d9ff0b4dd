"""The pupils to find a place for once results are out: one list, until it is empty."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from models import (
    Campaign,
    Label,
    Labelled,
    Origin,
    Placement,
    PlacementState,
    Pupil,
    Round,
    active_placement,
    campaign_by_id,
    count_problems,
    found_place_of,
    given_by_round,
    open_offers_in,
    open_places,
    placement_to_change,
    places_lost,
    pupil_in_territory,
    pupils_of_runs,
    pupils_who_declared,
    pupils_without_place,
    seats_taken,
    weeks_of,
)
from web.format import paris
from web.services.answers import answer_open
from web.services.decisions import said_reason
from web.services.errors import Gone, Refused
from web.services.freezing.kept import comes_later
from web.services.freezing.named import named_seats
from web.services.freezing.pupils import label_of
from web.services.freezing.seats import kept_seats, shared_half_days
from web.services.journal import record
from web.services.openings import Opening, openings
from web.services.place_news import EVERYONE, tell_given, tell_lost
from web.services.reach import allowed_weeks
from web.services.rounds import locked_round
from web.services.seasons import results_are_out
from web.services.seating import Seating, held_seats
from web.services.spelling import in_order


class Reason(Labelled):
    """Why a pupil is on the list."""

    NO_PLACE = "no_place", "Sans place au calcul"
    DECLINED = "declined", "Refus de la place"
    WITHDRAWN = "withdrawn", "Désistement"
    CANCELLED = "cancelled", "Annulée par la structure"
    LATE = "late", "Arrivée tardive"
    NO_WISH = "no_wish", "Sans vœu"


LOST = {
    PlacementState.DECLINED: Reason.DECLINED,
    PlacementState.WITHDRAWN: Reason.WITHDRAWN,
    PlacementState.CANCELLED: Reason.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class ToPlace:
    """A pupil without a place, why, and since when if she had one."""

    pupil: Pupil
    label: Label
    reason: Reason
    lost: Placement | None
    declared: bool
    """She says she found a place; her school has not checked it."""

    @property
    def comes_after(self) -> bool:
        """Whether others of her tier come first: a refusal that the head has not validated."""
        return self.lost is not None and comes_later(self.lost)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list shows; an empty filter lets everybody through."""

    school_id: int | None = None
    week_id: int | None = None
    label: Label | None = None
    reason: Reason | None = None
    free: bool = False
    """Only who has a free place in her weeks."""

    def fits(self, one: ToPlace, free: Mapping[int, int]) -> bool:
        """Whether a pupil passes every filter; `free` is the free seats of each week."""
        if self.free and not free_in_weeks(one.pupil, free):
            return False
        weeks = {week.id for week in one.pupil.school_class.weeks}
        return (
            self.school_id in (None, one.pupil.school_id)
            and (self.week_id is None or self.week_id in weeks)
            and self.label in (None, one.label)
            and self.reason in (None, one.reason)
        )


def last_round(campaign: Campaign) -> Round:
    """The last round whose results are out.

    Raises:
        Refused: none is: until then the computation places everybody.
    """
    out = [turn for turn in campaign.rounds if turn.published_at is not None]
    if not out:
        raise Refused("Les résultats ne sont pas publiés : le calcul place d’abord les élèves.")
    return out[-1]


def to_place(session: Session, campaign: Campaign) -> list[ToPlace]:
    """Every pupil of a campaign who has no place, in the order of the rule's priority.

    Within a label, those never offered a place come before those who refused one.
    """
    lost = {one.pupil_id: one for one in session.scalars(places_lost(campaign.id))}
    runs = [turn.selected_run_id for turn in campaign.rounds if turn.published_at]
    computed = set(session.scalars(pupils_of_runs([run for run in runs if run])))
    declared = set(session.scalars(pupils_who_declared(campaign.id)))
    rows = [
        ToPlace(
            pupil,
            label_of(pupil.school, campaign.season),
            _reason(pupil, lost, computed),
            lost.get(pupil.id),
            pupil.id in declared,
        )
        for pupil in session.scalars(pupils_without_place(campaign.id))
        if pupil.school_class.takes_part
    ]
    order = list(Label)
    return sorted(
        rows,
        key=lambda one: (
            order.index(one.label),
            one.comes_after,
            one.pupil.school.name,
            in_order(one.pupil.last_name, one.pupil.first_name),
        ),
    )


def free_by_week(session: Session, campaign: Campaign, *, now: datetime) -> dict[int, int]:
    """{week: seats that nobody has}, for the weeks to come, before what each offer reserves."""
    today = paris(now).date()
    coming = {one.id for one in session.scalars(weeks_of(campaign.id)) if one.monday > today}
    taken: Counter[int] = Counter()
    pooled: Counter[int] = Counter()
    for place, offer, _, count in session.execute(seats_taken(campaign.id)):
        taken[place] += count
        pooled[offer] += count
    free: Counter[int] = Counter()
    for place, offer, week, seats, total, group in session.execute(open_places(campaign.id)):
        left = seats - taken[place]
        if total:
            left = min(left, total - pooled[offer])
        if week in coming and left > 0 and (taken[place] or not group):
            free[week] += left
    return dict(free)


def free_in_weeks(pupil: Pupil, free: Mapping[int, int]) -> int:
    """How many free seats there are in the weeks of the class of a pupil."""
    return sum(free.get(week.id, 0) for week in pupil.school_class.weeks)


def _reason(pupil: Pupil, lost: Mapping[int, Placement], computed: set[int]) -> Reason:
    if pupil.id in lost:
        return LOST[lost[pupil.id].state]
    if pupil.id in computed:
        return Reason.NO_PLACE
    return Reason.LATE if pupil.wishes else Reason.NO_WISH


@dataclass(frozen=True, slots=True)
class Replacing:
    """One pupil to place, and what can be proposed to her."""

    pupil: Pupil
    label: Label
    place: Placement | None
    """The place that she holds, if any."""
    openings: list[Opening]


def replacing(session: Session, pupil_id: int, territory_id: int, *, now: datetime) -> Replacing:
    """What an animator reads before placing one pupil by hand.

    Raises:
        Gone: not of this territory. Refused: no result is out.
    """
    pupil, campaign = _pupil(session, pupil_id, territory_id)
    turn = last_round(campaign)
    place = session.scalar(active_placement(pupil.id))
    found = [] if place else possible(session, pupil, turn, now=now)
    return Replacing(pupil, label_of(pupil.school, campaign.season), place, found)


def possible(session: Session, pupil: Pupil, turn: Round, *, now: datetime) -> list[Opening]:
    """The places with a free seat now for one pupil, best first; not those that she lost."""
    campaign = turn.campaign
    lost = [one for one in session.scalars(places_lost(campaign.id)) if one.pupil_id == pupil.id]
    return openings(
        pupil,
        session.scalars(open_offers_in(campaign.id, allowed_weeks(pupil))).all(),
        seating_now(session, turn),
        refused={one.offer_week.offer_id for one in lost},
        after=paris(now).date(),
    )


def seating_now(session: Session, turn: Round) -> Seating:
    """The seats taken in a campaign by the places that pupils hold."""
    campaign = turn.campaign
    rows = held_seats(session, campaign)
    shared = shared_half_days(session, campaign.id)
    keeps = partial(kept_seats, held_round=turn)
    for_named = partial(named_seats, held_round=turn)
    return Seating(campaign.season, keeps, for_named, opened=True, shared=shared).seat(rows)


@dataclass(frozen=True, slots=True)
class Gift:
    """A place given by hand as it is typed; `agreed`: school and family said yes beyond limits."""

    offer_week_id: int
    reason: str
    agreed: bool = False


def give_place(
    session: Session,
    pupil_id: int,
    territory_id: int,
    gift: Gift,
    *,
    by: int,
    now: datetime,
) -> Placement:
    """Give a free seat to a pupil without a place, and tell everyone; twice is once.

    Raises:
        Gone: not of this territory. Refused: she has a place, somebody took the last seat, or
            her family must first agree; `field` names what to change.
    """
    reason = said_reason(gift.reason)
    _, campaign = _pupil(session, pupil_id, territory_id)
    # One writer at a time in a campaign: the last seat is counted after the lock, never before.
    turn = locked_round(session, last_round(campaign).id)
    pupil, _ = _pupil(session, pupil_id, territory_id)
    held = session.scalar(placement_to_change(pupil_id))
    if held is not None:
        if held.offer_week_id == gift.offer_week_id and held.origin is Origin.HAND:
            session.commit()
            return held
        raise Refused(f"{pupil.full_name} a déjà une place : « {held.offer_week.offer.title} ».")
    _refuse_found(session, pupil)
    chosen = next(
        (
            one
            for one in possible(session, pupil, turn, now=now)
            if one.place.id == gift.offer_week_id
        ),
        None,
    )
    if chosen is None:
        raise Refused(
            "Cette place n’est plus libre : quelqu’un vient peut-être de la prendre. "
            "Choisissez-en une autre.",
            "place",
        )
    if not (chosen.accepted or gift.agreed):
        raise Refused(
            "Cette place est hors de la liste et des limites de la famille : recueillez l’accord "
            "de la famille et du collège, puis cochez la case.",
            "agreed",
        )
    open_ = answer_open(turn, now)
    given = Placement(
        campaign_id=campaign.id,
        round_id=turn.id,
        pupil_id=pupil.id,
        offer_week=chosen.place,
        origin=Origin.HAND,
        state=PlacementState.OFFERED if open_ else PlacementState.ACCEPTED,
        rank=chosen.rank,
        reason=reason,
        agreed=gift.agreed,
        created_at=now,
    )
    given.pupil = pupil
    session.add(given)
    session.flush()
    tell_given(session, given, now=now)
    about = {"placement": given.id, "place": chosen.place.id, "agreed": gift.agreed}
    record(session, "placement.given", f"pupil:{pupil.id}", by=by, now=now, **about)
    session.commit()
    return given


def free_place(
    session: Session,
    pupil_id: int,
    territory_id: int,
    placement_id: int,
    state: PlacementState,
    *,
    by: int,
    now: datetime,
) -> Placement:
    """Note that a pupil gives her place back, or that the host cancels it; twice is once.

    Raises:
        Gone: not of this territory, or she never held this place.
    """
    pupil, campaign = _pupil(session, pupil_id, territory_id)
    if state not in (PlacementState.WITHDRAWN, PlacementState.CANCELLED):
        raise Refused("Choisissez ce qui s’est passé.", "state")
    locked_round(session, last_round(campaign).id)
    held = session.scalar(placement_to_change(pupil.id))
    if held is None or held.id != placement_id:
        known = next(
            (one for one in session.scalars(places_lost(campaign.id)) if one.id == placement_id),
            None,
        )
        if known is None or known.pupil_id != pupil_id:
            raise Gone("Cet élève n’a pas cette place.")
        session.commit()
        return known
    held.state, held.answered_at = state, now
    held.reason = state.label.lower()
    if state is PlacementState.CANCELLED:  # the seat itself is gone
        held.offer_week.seats = max(held.offer_week.seats - 1, 0)
    tell_lost(session, held, EVERYONE, now=now)
    about = {"placement": held.id, "state": state.value}
    record(session, "placement.freed", f"pupil:{pupil_id}", by=by, now=now, **about)
    session.commit()
    return held


def _pupil(session: Session, pupil_id: int, territory_id: int) -> tuple[Pupil, Campaign]:
    pupil = session.scalar(pupil_in_territory(pupil_id, territory_id))
    if pupil is None:
        raise Gone("Cet élève n’existe pas.")
    return pupil, session.scalars(campaign_by_id(pupil.campaign_id)).one()


def _refuse_found(session: Session, pupil: Pupil) -> None:
    found = session.scalar(found_place_of(pupil.id))
    if found is not None and found.checked:
        raise Refused(f"{pupil.full_name} a un stage trouvé, vérifié par le collège.")


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What remains to do in a campaign whose results are out."""

    waiting: int
    """Pupils with wishes and without a place."""
    problems: int
    """Places about which a host told a problem."""
    given: tuple[tuple[int, int], ...]
    """(number of the round, places that it gave and that are still held)."""


def aftermath(session: Session, campaign: Campaign) -> Aftermath | None:
    """What remains to do after a publication; None before the first."""
    if not results_are_out(campaign):
        return None
    rows = to_place(session, campaign)
    return Aftermath(
        waiting=sum(one.reason is not Reason.NO_WISH for one in rows),
        problems=session.scalars(count_problems(campaign.id)).one(),
        given=tuple((turn, held) for turn, held in session.execute(given_by_round(campaign.id))),
    )


def counts(rows: Iterable[ToPlace]) -> dict[Reason, int]:
    """How many pupils are on the list for each reason."""
    found = dict.fromkeys(Reason, 0)
    for one in rows:
        found[one.reason] += 1
    return found
