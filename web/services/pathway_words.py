"""The five days of a parcours, as pupils, schools and hosts read them."""

from typing import TypedDict

from models import WEEKDAYS, HostKind, Offer, PathwayStep, clock_time


class ShownDay(TypedDict):
    """A day for the `week` component: its name, its lines, "state" when the State welcomes."""

    name: str
    lines: list[str]
    kind: str


def pathway_days(offer: Offer, *, contact: bool = False) -> list[ShownDay]:
    """Each day with its host, address and hours; with `contact`, whom to ask for."""
    return [
        _day(weekday, [step for step in offer.steps if step.weekday == weekday], contact=contact)
        for weekday in sorted({step.weekday for step in offer.steps})
    ]


def days_at(offer: Offer, host_id: int) -> str:
    """When a parcours stops at a host: « lundi matin, lundi après-midi »."""
    return ", ".join(step.name for step in offer.steps if step.site.host_id == host_id)


def _day(weekday: int, steps: list[PathwayStep], *, contact: bool) -> ShownDay:
    lines: list[str] = []
    for source in dict.fromkeys(step.source for step in steps):
        site = source.site
        hours = [step.span for step in steps if step.source is source and step.span]
        lines += [site.host.name, f"{site.address}, {site.commune}"]
        lines.append(" et ".join(f"{clock_time(a)} – {clock_time(b)}" for a, b in hours))
        if contact:
            lines += filter(None, (source.contact_name, source.contact_email, source.contact_phone))
        if any(step.broken for step in steps if step.source is source):
            lines.append("Étape à remplacer")
    state = any(step.site.host.kind is HostKind.STATE for step in steps)
    return {
        "name": WEEKDAYS[weekday].capitalize(),
        "lines": lines,
        "kind": "state" if state else "",
    }
