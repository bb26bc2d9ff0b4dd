"""The report of a list, for machines: one entry a line."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import school_with_uai
from web.services.errors import Refused
from web.services.imports.drafts import Preview, prepare, preview_of
from web.services.imports.plan import Outcome
from web.services.imports.reading import read_file


def read_list(
    session: Session, uai: str, data: bytes, *, now: datetime
) -> tuple[Preview, dict[str, Any]]:
    """What a file would do to the school of this UAI, and its report. Writes nothing.

    Raises:
        Refused: no such school, an unreadable file, or columns that nothing recognises.
    """
    school = session.scalars(school_with_uai(uai.strip().upper())).one_or_none()
    if school is None:
        raise Refused(f"Aucun collège n’a l’UAI {uai}.")
    content, parts = prepare(session, school.id, read_file(data))
    found = preview_of(session, school.id, content, parts, {}, now=now)
    if found.missing:
        named = ", ".join(part.label for part in found.missing)
        raise Refused(f"Colonnes introuvables : {named}.")
    return found, as_json(found)


def as_json(found: Preview) -> dict[str, Any]:
    """What would be done, or was: the columns, the counts, then each line with its reason."""
    plan = found.plan
    return {
        "read_as": found.content.kind,
        "columns": [
            {"title": title, "part": part.value}
            for title, part in zip(found.content.titles, found.parts, strict=True)
        ],
        "remarks": found.content.remarks,
        "never_read": found.content.never,
        "counts": {outcome.value: plan.counts[outcome] for outcome in Outcome},
        "new_classes": list(plan.new_classes),
        "absent": plan.absent,
        "lines": [
            {
                "line": line.number,
                "outcome": line.outcome.value,
                "to_check": line.to_check,
                "last_name": line.shown.last_name,
                "first_name": line.shown.first_name,
                "birth_date": line.shown.birth_date,
                "class": line.shown.school_class,
                "reason": line.reason,
            }
            for line in plan.lines
        ],
    }
