"""The parcours that would be proposed for a week, as data: what the command prints."""

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models import HostKind, clock_time, territory_of
from web.services.errors import Gone, Refused
from web.services.half_days import pool_of, propose
from web.services.pathways import week_on
from web.services.seasons import needed_campaign


def proposals_told(
    session: Session,
    departement: str,
    monday: str,
    travel_km: int,
    seconds: float | None = None,
) -> dict[str, Any]:
    """The weeks that would be proposed, as data, with the bound of each criterion; writes nothing.

    `seconds`: the longest search; None: until everything is proved.

    Raises:
        Refused: no such departement, campaign or week.
    """
    territory = session.scalar(territory_of(departement))
    if territory is None:
        raise Refused("Le programme n’est pas ouvert dans ce département.")
    campaign = needed_campaign(session, territory.id)
    try:
        week = week_on(session, campaign, date.fromisoformat(monday))
    except ValueError:
        raise Refused(
            f"« {monday} » n’est pas une date : écrivez par exemple 2026-12-14."
        ) from None
    except Gone as gone:
        raise Refused(str(gone)) from None
    pool = pool_of(session, territory.id, campaign.id, week.id)
    found = propose(pool, travel_km=travel_km, seconds=seconds)
    return {
        "week": week.monday.isoformat(),
        "half_days_left": found.offered,
        "pupils": found.found.pupils,
        "half_days_used": found.found.used,
        "proved": found.found.proved,
        "seconds": round(found.found.seconds, 3),
        "levels": [asdict(level) for level in found.found.levels],
        "pathways": [
            {
                "seats": one.seats,
                "steps": [
                    {
                        "half_day": step.key,
                        "weekday": step.weekday,
                        "half": ("morning", "afternoon")[step.half],
                        "host": step.host.name,
                        "state": step.host.kind is HostKind.STATE,
                        "commune": step.offer.site.commune,
                        "start": clock_time(step.span.start),
                        "end": clock_time(step.span.end),
                    }
                    for step in one.steps
                ],
            }
            for one in found.weeks
        ],
    }
