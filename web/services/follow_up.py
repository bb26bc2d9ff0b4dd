"""How far the pupils of a school are: one status each, and totals that add up."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import (
    Assignment,
    Campaign,
    FoundState,
    Label,
    Labelled,
    Placement,
    PlacementState,
    Pupil,
    Round,
    RoundState,
    School,
    SchoolClass,
    assignments_of_school,
    classes_of_school,
    connected_pupils,
    declined_in_school,
    found_places_of_school,
    leavers_of_school,
    placements_of_school,
    pupils_of_school,
    pupils_with_place,
    school_by_id,
    silent_in_school,
)
from web.services.seasons import current_campaign, results_are_out
from web.services.spelling import in_order

FEW_WISHES = 5
"""Below that many wishes a list is short: the school may encourage the pupil."""


class Status(Labelled):
    """Where a pupil stands, the most urgent first."""

    NEVER = "never", "Aucune connexion"
    NO_WISH = "no_wish", "Aucun vœu"
    BEGUN = "begun", "Liste commencée"
    DECLARED = "declared", "Stage trouvé, à vérifier"
    FEW = "few", "Liste confirmée, courte"
    CONFIRMED = "confirmed", "Liste confirmée"
    DECLINED = "declined", "Place refusée"
    UNPLACED = "unplaced", "Sans place pour l’instant"
    FOUND = "found", "Place trouvée par la famille"
    PLACED = "placed", "Place attribuée"
    ACCEPTED = "accepted", "Place acceptée"


BEFORE = (
    Status.NEVER,
    Status.NO_WISH,
    Status.BEGUN,
    Status.DECLARED,
    Status.FEW,
    Status.CONFIRMED,
    Status.FOUND,
)
AFTER = (
    Status.NEVER,
    Status.NO_WISH,
    Status.DECLARED,
    Status.DECLINED,
    Status.UNPLACED,
    Status.FOUND,
    Status.PLACED,
    Status.ACCEPTED,
)
DONE_BEFORE = (Status.FEW, Status.CONFIRMED)
HAS_PLACE = (Status.PLACED, Status.ACCEPTED)
"""Places found by families are counted apart, in every figure."""
UNCONFIRMED = (Status.NEVER, Status.NO_WISH, Status.BEGUN)


@dataclass(frozen=True, slots=True)
class Followed:
    """A pupil, how far she is, and the place she holds once results are out."""

    pupil: Pupil
    status: Status
    placement: Placement | None = None


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class and its counts."""

    school_class: SchoolClass
    total: int
    counts: Counter[Status]

    @property
    def awaited(self) -> int:
        """How many pupils have no checked place of their own."""
        return self.total - self.counts[Status.FOUND]

    def settled(self, done: Iterable[Status]) -> int:
        """How many have one of these statuses."""
        return sum(self.counts[status] for status in done)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A school in its current campaign, if one has begun."""

    school: School
    campaign: Campaign | None
    classes: tuple[ClassRow, ...] = ()
    pupils: tuple[Followed, ...] = ()
    leavers: tuple[Pupil, ...] = ()

    @property
    def round(self) -> Round | None:
        """The round under way."""
        return self.campaign.current_round if self.campaign else None

    @property
    def label(self) -> Label:
        """The label of the school in the year of the campaign."""
        return self.school.label_in(self.campaign.season) if self.campaign else Label.NONE

    @property
    def published(self) -> bool:
        """Whether results are out."""
        return self.campaign is not None and results_are_out(self.campaign)

    @property
    def in_review(self) -> bool:
        """Whether the school may read the proposals of the selected run."""
        turn = self.round
        return bool(turn and turn.state is RoundState.REVIEW and turn.selected_run_id)

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses that pupils may have now; a rare one only when somebody has it."""
        known = AFTER if self.published else BEFORE
        return tuple(one for one in known if one is not Status.DECLARED or self.counts[one])

    @property
    def done(self) -> tuple[Status, ...]:
        """The statuses that nobody waits for any more."""
        return HAS_PLACE if self.published else DONE_BEFORE

    @property
    def settled(self) -> int:
        """How many pupils have one of them."""
        return sum(self.counts[status] for status in self.done)

    @property
    def awaited(self) -> int:
        """How many pupils that is out of: those whose own place is checked count apart."""
        return len(self.pupils) - self.counts[Status.FOUND]

    @property
    def counts(self) -> Counter[Status]:
        """How many pupils have each status."""
        return Counter(row.status for row in self.pupils)

    @property
    def unconfirmed(self) -> int:
        """How many pupils have not confirmed their list."""
        return sum(self.counts[status] for status in UNCONFIRMED)

    @property
    def short_lists(self) -> int:
        """How many pupils have begun a list of few wishes."""
        return sum(
            row.status is not Status.FOUND and 0 < len(row.pupil.wishes) < FEW_WISHES
            for row in self.pupils
        )

    @property
    def without_week(self) -> list[SchoolClass]:
        """The classes in which nobody can wish, for want of a week."""
        return [row.school_class for row in self.classes if not row.school_class.weeks]

    @property
    def to_settle(self) -> list[SchoolClass]:
        """The special classes that stay out of the campaign until the school says so."""
        return [row.school_class for row in self.classes if not row.school_class.takes_part]


def follow_up(
    session: Session, school_id: int, class_ids: Collection[int] | None = None
) -> FollowUp:
    """Everything the pages of a school count, in a fixed number of queries.

    A main teacher sees her own classes only: `class_ids`; None is the whole school.
    """
    school = session.scalars(school_by_id(school_id)).one()
    campaign = current_campaign(session, school.territory_id)
    if campaign is None:
        return FollowUp(school, None)
    pupils = session.scalars(pupils_of_school(school_id, campaign.id)).all()
    seen = [p for p in pupils if class_ids is None or p.school_class_id in class_ids]
    seen.sort(key=_by_class_and_name)
    rows = _followed(session, school_id, campaign, seen)
    classes = session.scalars(classes_of_school(school_id, campaign.id))
    left = session.scalars(leavers_of_school(school_id, campaign.id))
    return FollowUp(
        school=school,
        campaign=campaign,
        classes=_by_class((c for c in classes if class_ids is None or c.id in class_ids), rows),
        pupils=tuple(sorted(rows, key=lambda row: list(Status).index(row.status))),
        leavers=tuple(p for p in left if class_ids is None or p.school_class_id in class_ids),
    )


def outline(session: Session, school_id: int, class_ids: Collection[int] | None = None) -> FollowUp:
    """The school, its campaign and its classes alone: for pages that count no pupil."""
    school = session.scalars(school_by_id(school_id)).one()
    campaign = current_campaign(session, school.territory_id)
    if campaign is None:
        return FollowUp(school, None)
    classes = session.scalars(classes_of_school(school_id, campaign.id))
    seen = (one for one in classes if class_ids is None or one.id in class_ids)
    return FollowUp(school, campaign, _by_class(seen, []))


def _by_class_and_name(pupil: Pupil) -> tuple[str, tuple[str, str]]:
    return pupil.school_class.name, in_order(pupil.last_name, pupil.first_name)


def matching_pupils(
    found: FollowUp, class_id: int | None = None, statuses: Iterable[Status] = ()
) -> list[Followed]:
    """The pupils of one class, or with one of these statuses."""
    wanted = set(statuses)
    return [
        row
        for row in found.pupils
        if (class_id is None or row.pupil.school_class_id == class_id)
        and (not wanted or row.status in wanted)
    ]


def proposals(
    session: Session, found: FollowUp, class_ids: Collection[int] | None = None
) -> list[Assignment]:
    """What the selected run proposes to the pupils of the school; nothing before the review.

    A main teacher reads those of her classes: `class_ids`.
    """
    turn = found.round
    if turn is None or turn.selected_run_id is None or not found.in_review:
        return []
    proposed = session.scalars(assignments_of_school(turn.selected_run_id, found.school.id))
    kept = set(session.scalars(pupils_with_place(turn.campaign_id)))
    seen = [
        a
        for a in proposed
        if a.pupil_id not in kept and (class_ids is None or a.pupil.school_class_id in class_ids)
    ]
    return sorted(seen, key=lambda one: _by_class_and_name(one.pupil))


def without_proposal(
    session: Session, found: FollowUp, class_ids: Collection[int] | None = None
) -> list[Pupil]:
    """The pupils of the school whom no run can place: they ranked nothing and found nothing."""
    if found.campaign is None or not found.in_review:
        return []
    silent = session.scalars(silent_in_school(found.school.id, found.campaign.id))
    return [p for p in silent if class_ids is None or p.school_class_id in class_ids]


@dataclass(frozen=True, slots=True)
class _Known:
    """What decides of a status beside the list: who came, who holds or refused what."""

    connected: set[int | None]
    found: set[int]
    declared: set[int]
    declined: set[int]
    places: dict[int, Placement]
    published: bool


def _followed(
    session: Session, school_id: int, campaign: Campaign, pupils: Iterable[Pupil]
) -> list[Followed]:
    published = results_are_out(campaign)
    places: dict[int, Placement] = {}
    declined: set[int] = set()
    if published:
        held = session.scalars(placements_of_school(school_id, campaign.id))
        places = {placement.pupil_id: placement for placement in held}
        refused = session.scalars(declined_in_school(school_id, campaign.id))
        declined = {placement.pupil_id for placement in refused}
    own = session.scalars(found_places_of_school(school_id, campaign.id)).all()
    known = _Known(
        connected=set(session.scalars(connected_pupils(school_id, campaign.id))),
        found={one.pupil_id for one in own if one.checked},
        declared={one.pupil_id for one in own if one.state is FoundState.DECLARED},
        declined=declined,
        places=places,
        published=published,
    )
    return [Followed(one, _status(one, known), places.get(one.id)) for one in pupils]


def _status(pupil: Pupil, known: _Known) -> Status:
    if place := known.places.get(pupil.id):
        return Status.PLACED if place.state is PlacementState.OFFERED else Status.ACCEPTED
    if pupil.id in known.found:
        return Status.FOUND
    confirmed = pupil.wishes and pupil.wishes_confirmed_at is not None
    if pupil.id in known.declared and (known.published or not confirmed):
        return Status.DECLARED
    if pupil.id in known.declined:
        return Status.DECLINED
    if not pupil.wishes:
        return Status.NO_WISH if pupil.id in known.connected else Status.NEVER
    if known.published:
        return Status.UNPLACED
    if pupil.wishes_confirmed_at is None:
        return Status.BEGUN
    return Status.FEW if len(pupil.wishes) < FEW_WISHES else Status.CONFIRMED


def _by_class(classes: Iterable[SchoolClass], rows: list[Followed]) -> tuple[ClassRow, ...]:
    counts: dict[int, Counter[Status]] = {}
    for row in rows:
        counts.setdefault(row.pupil.school_class_id, Counter())[row.status] += 1
    return tuple(
        ClassRow(known, sum(of_class.values()), of_class)
        for known in classes
        for of_class in [counts.get(known.id, Counter())]
    )
