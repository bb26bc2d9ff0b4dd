"""An offer while its host writes it: three steps, each kept as a draft, then sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from models import (
    Campaign,
    Day,
    Host,
    MessageKind,
    Need,
    Offer,
    OfferKind,
    OfferState,
    OfferWeek,
    Sector,
    Site,
    animators_of,
    campaign_by_id,
    host_with_sites,
    offer_by_form_key,
    offer_of_host,
    store_days,
    weeks_of,
)
from web.format import moment, week
from web.services.calendar import holiday_reason
from web.services.errors import Refused
from web.services.hosts import SiteEntry, site_at
from web.services.hours import breaches
from web.services.journal import record
from web.services.named_schools import check_named, keep_named
from web.services.outbox import tell
from web.services.seasons import needed_campaign

SEATS_MAX = 30
"""Pupils a site may welcome in one week: beyond, a slip of the keyboard."""

EDITABLE = (OfferState.DRAFT, OfferState.RETURNED)


@dataclass(frozen=True, slots=True)
class Activity:
    """Step 1: what pupils will see and do, and where: a site of the host, or `at` an address."""

    site_id: int
    title: str
    description: str
    sector: Sector
    kind: OfferKind = OfferKind.SINGLE
    min_group: int | None = None
    school_max: int | None = None
    reserved_seats: int = 0
    """Seats of each week kept for REP+ and REP schools, until the day of release if any."""
    reserve_until: date | None = None
    named_seats: int = 0
    """Seats of each week kept for named schools, under the same day of release."""
    named_schools: tuple[int, ...] = ()
    at: SiteEntry | None = None


@dataclass(frozen=True, slots=True)
class Practical:
    """Step 3: hours, how to come, whom to ask for."""

    days: tuple[Day, ...]
    access: str
    contact_name: str
    contact_email: str
    contact_phone: str = ""
    accessibility: tuple[str, ...] = ()
    """What the place provides, in the words of `Need`."""
    hours_note: str = ""
    long_week: bool = False
    """Whether the host confirms more than thirty hours a week."""
    safe: bool = False
    """Whether the host declares no work forbidden to minors."""
    lunch: str = ""
    dress: str = ""
    elsewhere: str = ""
    tutors: str = ""


def start_offer(
    session: Session,
    host_id: int,
    activity: Activity,
    *,
    form_key: str | None,
    by: int,
    now: datetime,
) -> Offer:
    """Keep step 1 of a new offer as a draft. The same form sent twice makes one offer.

    Raises:
        Refused: no campaign takes offers now, or the group is not one.
    """
    host = session.scalars(host_with_sites(host_id)).one()
    made = session.scalar(offer_by_form_key(form_key)) if form_key else None
    if made is not None:
        return session.scalars(offer_of_host(made.id, host_id)).one()
    campaign = needed_campaign(session, host.territory_id)
    check_still_taken(campaign, campaign.offers_close_at, now)
    offer = Offer(
        campaign_id=campaign.id,
        contact_name="",
        contact_email="",
        created_at=now,
        form_key=form_key,
        weeks=[],
    )
    check_named(session, host, activity)
    write_activity(offer, host, _placed(session, host, activity))
    session.add(offer)
    session.flush()
    record(session, "offer.started", f"offer:{offer.id}", by=by, now=now)
    session.commit()
    return offer


def takes_offers(campaign: Campaign, now: datetime) -> bool:
    """Whether hosts may post now."""
    return campaign.offers_open_at <= now < campaign.offers_close_at


def may_edit(offer: Offer, campaign: Campaign, now: datetime) -> bool:
    """Whether its host may change an offer now."""
    in_time = campaign.offers_open_at <= now < editable_until(offer, campaign)
    return offer.state in EDITABLE and in_time


def check_posting(session: Session, territory_id: int, *, now: datetime) -> None:
    """Refuse to open the form of a new offer when none would be taken.

    Raises:
        Refused: no campaign takes offers now.
    """
    campaign = needed_campaign(session, territory_id)
    check_still_taken(campaign, campaign.offers_close_at, now)


def save_activity(
    session: Session, offer_id: int, host_id: int, activity: Activity, *, now: datetime
) -> Offer:
    """Keep step 1 of an offer."""
    host = session.scalars(host_with_sites(host_id)).one()
    offer = _editable(session, offer_id, host_id, now)
    check_named(session, host, activity)
    write_activity(offer, host, _placed(session, host, activity))
    session.commit()
    return offer


def save_weeks(
    session: Session,
    offer_id: int,
    host_id: int,
    seats: Mapping[date, int],
    total: int | None,
    *,
    now: datetime,
) -> Offer:
    """Keep step 2 of an offer: places by Monday, and a total if it is less than their sum.

    Raises:
        Refused: a week is in the holidays or out of the season, a number makes no sense.
    """
    offer = _editable(session, offer_id, host_id, now)
    write_weeks(session, offer, seats, total)
    session.commit()
    return offer


def write_weeks(
    session: Session, offer: Offer, seats: Mapping[date, int], total: int | None
) -> None:
    """Put places by Monday in an offer. A week that pupils may have been given stays, empty.

    Raises:
        Refused: a week is in the holidays or out of the season, a number makes no sense.
    """
    campaign = session.scalars(campaign_by_id(offer.campaign_id)).one()
    known = {one.monday: one for one in session.scalars(weeks_of(campaign.id))}
    for monday, count in seats.items():
        if count:
            _check_week(campaign, monday, known)
        _check_seats(offer, monday, count)
    if total is not None and not 1 <= total <= sum(seats.values()):
        raise Refused("Le total va de 1 à la somme de vos places par semaine.", "total_seats")
    if total is not None and offer.kind is OfferKind.HALF_DAYS:
        raise Refused("Des demi-journées se comptent semaine par semaine.", "total_seats")
    kept = {offered.week_id: offered for offered in offer.weeks}
    draft = offer.state in EDITABLE
    offer.weeks = [
        _offered(kept.get(known[monday].id), known[monday].id, count)
        for monday, count in sorted(seats.items())
        if count or (not draft and monday in known and known[monday].id in kept)
    ]
    offer.total_seats = total


def save_practical(
    session: Session, offer_id: int, host_id: int, practical: Practical, *, now: datetime
) -> Offer:
    """Keep step 3 of an offer.

    Raises:
        Refused: the hours break the law; the field names the day.
    """
    offer = _editable(session, offer_id, host_id, now)
    write_practical(offer, practical)
    session.commit()
    return offer


def write_practical(offer: Offer, practical: Practical) -> None:
    """Put hours, access and contact in an offer.

    Raises:
        Refused: the hours break the law; the field names the day.
    """
    for breach in breaches(practical.days, long_week=practical.long_week):
        raise Refused(breach.sentence, day_field(breach.weekday))
    offer.days, offer.hours_note = store_days(practical.days), practical.hours_note
    offer.long_week, offer.safe = practical.long_week, practical.safe
    offer.lunch, offer.dress = practical.lunch, practical.dress
    offer.elsewhere, offer.tutors = practical.elsewhere, practical.tutors
    offer.access = practical.access
    offer.contact_name = practical.contact_name
    offer.contact_email = practical.contact_email
    offer.contact_phone = practical.contact_phone
    offer.accessibility = [n.value for n in Need if n.value in practical.accessibility]


def submit_offer(session: Session, offer_id: int, host_id: int, *, by: int, now: datetime) -> Offer:
    """Send an offer to the animators; sent twice, it is sent once.

    Raises:
        Refused: a step lacks something, or the date has passed.
    """
    sent = session.scalars(offer_of_host(offer_id, host_id)).one()
    if sent.state is OfferState.SUBMITTED:
        return sent
    offer = _editable(session, offer_id, host_id, now)
    lacking = missing_steps(offer)
    if lacking:
        raise Refused(next(iter(lacking.values())))
    if not offer.safe:
        raise Refused("Étape 3 : cochez que l’élève ne fera aucun travail interdit aux mineurs.")
    offer.state, offer.submitted_at, offer.return_reason = OfferState.SUBMITTED, now, ""
    host = offer.site.host
    letters = [
        (member.account.email, {"offer_id": offer.id, "title": offer.title, "host": host.name})
        for member in session.scalars(animators_of(host.territory_id))
        if member.account.email
    ]
    key = f"offer:{offer.id}:submitted:{now.isoformat()}"
    tell(session, MessageKind.OFFER_SUBMITTED, key, letters, now=now)
    record(session, "offer.submitted", f"offer:{offer.id}", by=by, now=now)
    session.commit()
    return offer


def missing_steps(offer: Offer) -> dict[int, str]:
    """What each step still lacks before an offer can be sent: {step: sentence}."""
    lacking = {}
    if not offer.weeks:
        lacking[2] = "Indiquez au moins une place, sur une semaine."
    elif any(count_refused(offer, offered.seats) for offered in offer.weeks):
        lacking[2] = "Vos places par semaine sont moins nombreuses que votre groupe."
    elif offer.reserved_seats > max(offered.seats for offered in offer.weeks):
        lacking[1] = "Vous gardez plus de places pour REP+ et REP que vous n’en offrez."
    elif any(0 < offered.seats <= offer.named_seats for offered in offer.weeks):
        lacking[1] = (
            "Vous gardez toutes les places d’une semaine pour des collèges nommés : laissez-en "
            "une au moins ouverte à tous."
        )
    if not (offer.days and offer.contact_name and offer.contact_email):
        lacking[3] = "Indiquez les horaires et la personne à contacter."
    return lacking


def count_refused(offer: Offer, count: int) -> str | None:
    """Why this number of places in a week is refused, or None."""
    if count < 0:
        return "un nombre de places ne peut pas être négatif."
    if count > SEATS_MAX:
        return f"{SEATS_MAX} places au plus."
    if offer.min_group and 0 < count < offer.min_group:
        return f"votre groupe compte au moins {offer.min_group} élèves."
    return None


def field_of(monday: date) -> str:
    """The name of the field of a week in the calendar."""
    return f"seats-{monday.isoformat()}"


def day_field(weekday: int | None) -> str:
    """The name of the field of a day in the timetable, or of the week."""
    return "long_week" if weekday is None else f"day-{weekday}"


def check_still_taken(campaign: Campaign, until: datetime, now: datetime) -> None:
    """Refuse an offer before the campaign takes any, or once it takes none.

    Raises:
        Refused: with the date.
    """
    if now < campaign.offers_open_at:
        raise Refused(f"Le dépôt des offres ouvre le {moment(campaign.offers_open_at)}.")
    if now >= until:
        raise Refused(f"Le dépôt des offres est clos depuis le {moment(until)}.")


def _editable(session: Session, offer_id: int, host_id: int, now: datetime) -> Offer:
    """An offer that its host may change now."""
    offer = session.scalars(offer_of_host(offer_id, host_id)).one()
    if offer.state not in EDITABLE:
        raise Refused("Cette offre ne se modifie plus : elle est déjà envoyée.")
    campaign = session.scalars(campaign_by_id(offer.campaign_id)).one()
    check_still_taken(campaign, editable_until(offer, campaign), now)
    return offer


def editable_until(offer: Offer, campaign: Campaign) -> datetime:
    """An offer sent back by the animators may come back until the wishes close."""
    if offer.state is not OfferState.RETURNED:
        return campaign.offers_close_at
    return max(campaign.offers_close_at, campaign.current_round.wishes_close_at)


def write_activity(offer: Offer, host: Host, activity: Activity) -> None:
    """Put what pupils will see and do in an offer, at one of the host's sites.

    Raises:
        Refused: another host's site, or a group that is not one.
    """
    site: Site | None = next((s for s in host.sites if s.id == activity.site_id), None)
    if site is None:
        raise Refused("Choisissez un de vos établissements.", "site_id")
    group = activity.kind is OfferKind.GROUP
    if group and (activity.min_group or 0) < 2:
        raise Refused("Un groupe compte au moins 2 élèves.", "min_group")
    if group and (activity.min_group or 0) > SEATS_MAX:
        raise Refused(f"{SEATS_MAX} élèves au plus.", "min_group")
    offer.site = site
    offer.title, offer.description = activity.title, activity.description
    offer.sector, offer.kind = activity.sector, activity.kind
    offer.min_group = activity.min_group if group else None
    half_days = activity.kind is OfferKind.HALF_DAYS
    offer.school_max = None if half_days else activity.school_max
    offer.reserved_seats = 0 if half_days else activity.reserved_seats
    keep_named(offer, activity)
    keeping = offer.reserved_seats or offer.named_seats
    offer.reserve_until = activity.reserve_until if keeping else None


def _placed(session: Session, host: Host, activity: Activity) -> Activity:
    """The same at a site of the host: an address written with the offer becomes one."""
    if activity.at is None:
        return activity
    return replace(activity, site_id=site_at(session, host, activity.at).id)


def _check_week(campaign: Campaign, monday: date, known: Mapping[date, object]) -> None:
    if monday in known:
        return
    reason = None
    if monday.weekday() == 0:
        reason = holiday_reason(monday, campaign.territory.holiday_zone)
    why = f"{reason}, pas de stage" if reason else "hors de la campagne"
    raise Refused(f"Semaine {week(monday)} : {why}.", field_of(monday))


def _check_seats(offer: Offer, monday: date, count: int) -> None:
    refused = count_refused(offer, count)
    if refused:
        raise Refused(f"Semaine {week(monday, year=False)} : {refused}", field_of(monday))


def _offered(known: OfferWeek | None, week_id: int, count: int) -> OfferWeek:
    if known is None:
        return OfferWeek(week_id=week_id, seats=count)
    known.seats = count
    return known
