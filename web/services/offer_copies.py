"""An offer that begins from another: copied in its season, renewed in the next."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import Offer, OfferWeek, offer_by_form_key, offer_of_host
from web.services.journal import record
from web.services.offer_drafts import check_posting
from web.services.seasons import needed_campaign

COPIED = (
    "kind",
    "description",
    "sector",
    "days",
    "hours_note",
    "long_week",
    "access",
    "contact_name",
    "contact_email",
    "contact_phone",
    "accessibility",
    "lunch",
    "dress",
    "elsewhere",
    "tutors",
    "min_group",
    "school_max",
    "reserved_seats",
    "named_seats",
    "named_schools",
)
"""What is the same from one season to the next; what the host declares is declared again."""


def duplicate_offer(
    session: Session,
    offer_id: int,
    host_id: int,
    *,
    form_key: str | None = None,
    by: int,
    now: datetime,
) -> Offer:
    """Copy an offer, its weeks included, into a new draft: once for the key of a form.

    One of an earlier season is renewed: same words, its weeks to choose again.
    """
    source = session.scalars(offer_of_host(offer_id, host_id)).one()
    key = f"host:{host_id}:{form_key}" if form_key else None
    made = session.scalar(offer_by_form_key(key)) if key else None
    if made is not None:
        return made
    check_posting(session, source.site.host.territory_id, now=now)
    campaign = needed_campaign(session, source.site.host.territory_id)
    same_season = campaign.id == source.campaign_id
    values: dict[str, Any] = {name: getattr(source, name) for name in COPIED}
    if same_season:
        values |= {"total_seats": source.total_seats, "reserve_until": source.reserve_until}
    copy = Offer(
        campaign_id=campaign.id,
        site=source.site,
        title=f"{source.title} (copie)" if same_season else source.title,
        form_key=key,
        created_at=now,
        weeks=[OfferWeek(week_id=w.week_id, seats=w.seats) for w in source.weeks if same_season],
        **values,
    )
    session.add(copy)
    session.flush()
    record(session, "offer.duplicated", f"offer:{copy.id}", by=by, now=now, source=offer_id)
    session.commit()
    return copy
