"""The pupils whom a host welcomes, and whom to write to in their schools."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import Campaign, Placement, memberships_of_school, placements_of_host
from web.services.spelling import in_order


@dataclass(frozen=True, slots=True)
class Welcomed:
    """A pupil, her place, and the mail addresses of the heads of her school."""

    placement: Placement
    heads: list[str]


def welcomed(session: Session, host_id: int, campaign: Campaign) -> list[Welcomed]:
    """The pupils of a host by week then name."""
    held = sorted(session.scalars(placements_of_host(host_id, campaign.id)), key=_order)
    schools = {one.pupil.school_id for one in held}
    heads = {
        school_id: [m.account.email for m in session.scalars(memberships_of_school(school_id))]
        for school_id in sorted(schools)
    }
    return [Welcomed(one, [mail for mail in heads[one.pupil.school_id] if mail]) for one in held]


def _order(one: Placement) -> tuple[object, ...]:
    pupil = one.pupil
    return one.offer_week.week.monday, in_order(pupil.last_name, pupil.first_name)
