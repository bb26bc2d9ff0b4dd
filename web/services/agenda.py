"""The week of a pupil as a calendar file: the place and the hours, nobody's name."""

from datetime import datetime, timedelta

from icalendar import Calendar, Event

from models import Placement
from web.services.pathway_words import pathway_days


def agenda_of(place: Placement, *, now: datetime) -> bytes:
    """Return the five days of a place as an iCalendar file."""
    offer, monday = place.offer_week.offer, place.offer_week.week.monday
    site = offer.site
    event = Event()
    event.add("uid", f"stage-{place.id}@tremplin3e")
    event.add("dtstamp", now)
    event.add("dtstart", monday)
    event.add("dtend", monday + timedelta(days=5))
    event.add("summary", f"Stage de 3e : {offer.title}, {offer.host_names}")
    hours = f"Horaires : {offer.hours}" if offer.hours else ""
    lines = [hours, offer.access]
    if offer.is_pathway:
        lines = [f"{day['name']} : {', '.join(day['lines'])}" for day in pathway_days(offer)]
    else:
        event.add("location", f"{site.address}, {site.postcode} {site.commune}")
    event.add("description", "\n".join(line for line in lines if line))
    event.add("transp", "OPAQUE")
    calendar = Calendar()
    calendar.add("prodid", "-//Tremplin 3e//FR")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
