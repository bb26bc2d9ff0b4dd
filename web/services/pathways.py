"""Parcours: composed by hand or by proposal, opened to pupils as one choice, mended, taken away."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from models import (
    Campaign,
    Offer,
    OfferKind,
    OfferState,
    OfferWeek,
    PathwayStep,
    Week,
    campaign_to_change,
    offer_by_form_key,
    pathway_in_territory,
    placements_of_offer,
    store_days,
    weeks_of,
)
from web.services.errors import Gone, Refused
from web.services.half_days import HalfDay, Look, Proposal, look_at, pool_of, propose
from web.services.journal import record
from web.services.offers import being_computed, may_change, take_away
from web.services.pathway_words import lines_of, words_of
from web.services.place_news import tell_changed

PROPOSED = "pathways.proposed"
TO_WRITE = (OfferState.DRAFT, OfferState.RETURNED)


@dataclass(frozen=True, slots=True)
class Draft:
    """A parcours as it is typed: a half-day by moment of the week (0 to 9), by its number."""

    title: str
    description: str
    seats: int | None
    steps: Mapping[int, int]
    long_week: bool = False

    @property
    def version(self) -> str:
        """A mark of all that is typed: two pages that show the same have the same."""
        typed = (self.title, lines_of(self.description), self.seats, self.long_week)
        told = repr((*typed, sorted(self.steps.items())))
        return sha256(told.encode(errors="replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Made:
    """What a search of weeks gave, and the parcours written from it."""

    pathways: list[Offer]
    pupils: int
    bound: int
    proved: bool


def draft_of(pathway: Offer) -> Draft:
    """A parcours as it is kept, in the shape in which it is typed."""
    return Draft(
        title=pathway.title,
        description=pathway.description,
        seats=pathway.weeks[0].seats,
        steps={2 * one.weekday + one.half: one.key for one in pathway.steps},
        long_week=pathway.long_week,
    )


def week_on(session: Session, campaign: Campaign, monday: date) -> Week:
    """The week of a campaign that begins that day.

    Raises:
        Gone: it has none.
    """
    for one in session.scalars(weeks_of(campaign.id)):
        if one.monday == monday:
            return one
    raise Gone("Cette semaine n’est pas une semaine de stage de la campagne.")


def write_proposals(
    session: Session,
    campaign: Campaign,
    monday: date,
    travel_km: int,
    *,
    by: int,
    now: datetime,
) -> Made:
    """Compose weeks out of the half-days left and keep them as drafts.

    Nothing is locked while the search runs; what it used is counted again before it is kept.

    Raises:
        Gone: no such week. Refused: somebody composed meanwhile with the same half-days.
    """
    territory, campaign_id = campaign.territory_id, campaign.id
    week_id = week_on(session, campaign, monday).id
    found = propose(pool_of(session, territory, campaign_id, week_id), travel_km=travel_km)
    session.rollback()
    held = session.scalars(campaign_to_change(campaign_id)).one()
    fresh = {one.key: one for one in pool_of(session, territory, campaign_id, week_id)}
    wanted: Counter[int] = Counter()
    for week in found.weeks:
        for step in week.steps:
            wanted[step.key] += week.seats
    if any(key not in fresh or fresh[key].left < count for key, count in wanted.items()):
        raise Refused("Un parcours de cette semaine vient d’être composé. Proposez à nouveau.")
    made = []
    for week in found.weeks:
        steps = [fresh[step.key] for step in week.steps]
        pathway = _new(held, week_id, now)
        session.add(pathway)
        _write(pathway, steps, _proposed(Proposal(week.seats, tuple(steps))))
        made.append(pathway)
    levels = {level.name: [level.value, level.bound] for level in found.found.levels}
    about = {
        "pupils": found.found.pupils,
        "weeks": len(made),
        "used": found.found.used,
        "offered": found.offered,
        "levels": levels,
        "proved": found.found.proved,
        "seconds": round(found.found.seconds, 2),
        "travel_km": travel_km,
    }
    record(session, PROPOSED, f"week:{week_id}", by=by, now=now, **about)
    session.commit()
    best, bound = levels["pupils"]
    return Made(made, best, bound, found.found.proved)


def start_pathway(
    session: Session,
    campaign: Campaign,
    monday: date,
    step: int,
    *,
    form_key: str | None = None,
    by: int,
    now: datetime,
) -> Offer:
    """Begin a parcours by hand, from one half-day of the week; once for the key of a form.

    Raises:
        Gone: no such week. Refused: this half-day is not offered.
    """
    week_id = week_on(session, campaign, monday).id
    key = f"pathway:{campaign.id}:{form_key}" if form_key else None
    made = session.scalar(offer_by_form_key(key)) if key else None
    if made is not None:
        return made
    pool = {one.key: one for one in pool_of(session, campaign.territory_id, campaign.id, week_id)}
    if step not in pool:
        raise Refused("Choisissez la première demi-journée du parcours.", "step")
    pathway = _new(campaign, week_id, now)
    pathway.form_key = key
    session.add(pathway)
    first = [pool[step]]
    _write(pathway, first, _proposed(Proposal(first[0].left or first[0].seats, tuple(first))))
    session.flush()
    record(session, "pathway.started", f"offer:{pathway.id}", by=by, now=now)
    session.commit()
    return pathway


def save_pathway(
    session: Session,
    offer_id: int,
    campaign: Campaign,
    draft: Draft,
    *,
    seen: str | None = None,
    by: int,
    now: datetime,
) -> Offer:
    """Keep a parcours as it is typed; one that pupils hold tells them what changes.

    `seen` is the version of the parcours that was on screen. A title and a text that nobody has
    rewritten follow the steps.

    Raises:
        Refused: somebody saved it meanwhile, a half-day is no longer offered, the seats do not
            fit, or pupils see it and the week would break a rule.
    """
    session.scalars(campaign_to_change(campaign.id)).one()
    pathway = pathway_seen(session, offer_id, campaign)
    kept = draft_of(pathway)
    if seen not in (None, kept.version) and draft.version != kept.version:
        raise Refused(
            "Quelqu’un a enregistré ce parcours pendant que vous le composiez. Rouvrez la page "
            "pour lire sa version, puis reprenez la vôtre."
        )
    steps = _steps(session, pathway, campaign, draft.steps)
    draft = _told_again(pathway, steps, draft)
    look = look_at(steps, long_week=draft.long_week)
    opened = pathway.state not in TO_WRITE
    if opened and being_computed(campaign):
        raise Refused("Les vœux sont clos : ce parcours est dans le calcul jusqu’aux résultats.")
    if opened and look.troubles:
        raise Refused(look.troubles[0])
    held = session.scalars(placements_of_offer(pathway.id)).all()
    _check(draft, look, len(held))
    before = pathway.hours, pathway.host_names
    _write(pathway, steps, draft)
    session.flush()
    if before != (pathway.hours, pathway.host_names):
        told = {"hours": f"{pathway.host_names}. {pathway.hours}"}
        for place in held:
            tell_changed(session, place, told, now=now)
    record(session, "pathway.saved", f"offer:{pathway.id}", by=by, now=now)
    session.commit()
    return pathway


def approve_pathway(
    session: Session, offer_id: int, campaign: Campaign, *, by: int, now: datetime
) -> Offer:
    """Open a parcours to the pupils; opened twice, it is opened once.

    Raises:
        Refused: a step is lacking or taken back, a rule is broken, or the wishes are closed and
            nobody holds a place there.
    """
    session.scalars(campaign_to_change(campaign.id)).one()
    pathway = pathway_seen(session, offer_id, campaign)
    if pathway.state is OfferState.OPEN:
        return pathway
    held = session.scalars(placements_of_offer(pathway.id)).all()
    if not may_change(campaign) and not held:
        raise Refused("Les vœux de ce tour sont clos : ce parcours s’ouvrira au tour suivant.")
    steps = steps_of(session, pathway, campaign)
    if len(steps) < len(pathway.steps):
        raise Refused("Une étape n’est plus possible : remplacez-la d’abord.")
    look = look_at(steps, long_week=pathway.long_week)
    if look.troubles:
        raise Refused(look.troubles[0])
    if pathway.seats > look.seats:
        raise Refused(f"Une étape n’a que {look.seats} places : changez-la, ou baissez les places.")
    pathway.state, pathway.decided_at, pathway.return_reason = OfferState.OPEN, now, ""
    record(session, "offer.approved", f"offer:{pathway.id}", by=by, now=now)
    session.commit()
    return pathway


def withdraw_pathway(
    session: Session,
    offer_id: int,
    campaign: Campaign,
    *,
    knowing: bool,
    reason: str,
    by: int,
    now: datetime,
) -> None:
    """Take a parcours away: a draft is erased, an open one is withdrawn and families are told.

    Raises:
        Refused: see `take_away`.
    """
    pathway = pathway_seen(session, offer_id, campaign)
    if pathway.state is OfferState.DRAFT:
        session.delete(pathway)
        record(session, "pathway.erased", f"offer:{offer_id}", by=by, now=now)
        session.commit()
        return
    take_away(session, pathway, knowing=knowing, reason=reason, by=by, now=now)


def pathway_seen(session: Session, offer_id: int, campaign: Campaign) -> Offer:
    """A parcours of a campaign of this territory.

    Raises:
        Gone: there is no such parcours, or it was taken away.
    """
    found = session.scalar(pathway_in_territory(offer_id, campaign.territory_id, campaign.id))
    if found is None or found.state is OfferState.WITHDRAWN:
        raise Gone("Ce parcours n’existe pas.")
    return found


def steps_of(session: Session, pathway: Offer, campaign: Campaign) -> list[HalfDay]:
    """The half-days of a parcours that their hosts still offer, in order."""
    pool = _pool(session, pathway, campaign)
    return [pool[step.key] for step in pathway.steps if step.key in pool]


def _pool(session: Session, pathway: Offer, campaign: Campaign) -> dict[int, HalfDay]:
    week_id = pathway.weeks[0].week_id
    found = pool_of(session, campaign.territory_id, campaign.id, week_id, but=pathway.id)
    return {one.key: one for one in found}


def _steps(
    session: Session, pathway: Offer, campaign: Campaign, chosen: Mapping[int, int]
) -> list[HalfDay]:
    pool = _pool(session, pathway, campaign)
    steps = []
    for slot, key in sorted(chosen.items()):
        if key not in pool or pool[key].slot != slot:
            raise Refused(
                "Cette demi-journée n’est plus proposée : choisissez-en une autre.", field_of(slot)
            )
        steps.append(pool[key])
    if not steps:
        raise Refused("Un parcours a au moins une demi-journée.", field_of(0))
    return steps


def field_of(slot: int) -> str:
    """The name of the field of a half-day of the week."""
    return f"slot-{slot}"


def _check(draft: Draft, look: Look, held: int) -> None:
    if draft.seats is None:
        return
    if draft.seats > look.seats:
        raise Refused(f"Une étape n’a que {look.seats} places : {look.seats} au plus.", "seats")
    if draft.seats < max(held, 1):
        raise Refused(f"{max(held, 1)} au moins : des élèves y ont leur place.", "seats")


def _new(campaign: Campaign, week_id: int, now: datetime) -> Offer:
    return Offer(
        campaign_id=campaign.id,
        kind=OfferKind.PATHWAY,
        state=OfferState.DRAFT,
        weeks=[OfferWeek(week_id=week_id, seats=0)],
        steps=[],
        created_at=now,
    )


def _proposed(week: Proposal) -> Draft:
    title, description = words_of([step.offer for step in week.steps])
    return Draft(
        title=title,
        description=description,
        seats=week.seats,
        steps={step.slot: step.key for step in week.steps},
    )


def _told_again(pathway: Offer, steps: Sequence[HalfDay], draft: Draft) -> Draft:
    """The draft, its title and its text made again where they still are the proposed ones."""
    before = words_of([step.source for step in pathway.steps])
    title, description = words_of([step.offer for step in steps])
    return replace(
        draft,
        title=title if draft.title == before[0] else draft.title,
        description=(
            description if lines_of(draft.description) == lines_of(before[1]) else draft.description
        ),
    )


def _write(pathway: Offer, steps: Sequence[HalfDay], draft: Draft) -> None:
    """Fill a parcours; who leads it is the host with the most half-days, the first one if equal."""
    look = look_at(steps, long_week=draft.long_week)
    counts = Counter(step.offer.id for step in steps)
    lead = max((step.offer for step in steps), key=lambda offer: counts[offer.id])
    pathway.title, pathway.description = draft.title, draft.description
    pathway.long_week = draft.long_week
    pathway.weeks[0].seats = look.seats if draft.seats is None else draft.seats
    pathway.days = store_days(look.days)
    pathway.site, pathway.sector = lead.site, lead.sector
    pathway.contact_name, pathway.contact_email = lead.contact_name, lead.contact_email
    pathway.contact_phone, pathway.access = lead.contact_phone, ""
    common = set.intersection(*(set(step.offer.accessibility) for step in steps))
    pathway.accessibility = sorted(common)
    known = {(one.weekday, one.half): one for one in pathway.steps}
    kept = []
    for step in steps:
        one = known.get((step.weekday, step.half)) or PathwayStep(
            weekday=step.weekday, half=step.half
        )
        one.offer_week = step.offered
        kept.append(one)
    pathway.steps = kept
