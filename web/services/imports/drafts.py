"""A list from the moment it is sent to the moment its head confirms or drops it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models import (
    Campaign,
    PupilImport,
    School,
    classes_of_school,
    import_of_school,
    import_to_confirm,
    imports_before,
    known_pupils,
    school_by_id,
)
from web.services.access import digest
from web.services.errors import Refused
from web.services.imports.apply import apply_plan
from web.services.imports.columns import PARTS, Header, Part, find_header, guess_header
from web.services.imports.people import FIXABLE, Reader
from web.services.imports.plan import WRITTEN, Known, Outcome, Plan, make_plan
from web.services.imports.table import Row, Table, clean
from web.services.journal import record
from web.services.schools import OPEN
from web.services.seasons import needed_campaign

KEPT = timedelta(days=1)
"""How long a list stays when nobody confirms it, and its report once somebody has."""

INE = re.compile(r"[0-9A-Za-z]{11}")


class Stale(Refused):
    """The list or the school changed since the page was shown: its head must look again."""

    def __init__(self) -> None:
        super().__init__(
            "Ce qui sera fait a changé depuis l’affichage de la page. Vérifiez, puis importez."
        )


@dataclass(frozen=True, slots=True)
class Content:
    """A list as it is kept: its titles and lines, and the titles of what is not kept."""

    kind: str
    titles: list[str]
    rows: list[Row]
    never: list[str]
    dropped: list[str]
    remarks: list[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """A list, what each column plays, what is missing, and what would be done."""

    school_id: int
    content: Content
    parts: list[Part]
    missing: list[Part]
    plan: Plan
    known: Known
    campaign: Campaign


def prepare(session: Session, school_id: int, table: Table) -> tuple[Content, list[Part]]:
    """Name the columns of a list and take out what is never kept. Writes nothing.

    Raises:
        Refused: no pupil in it, or a list of another school.
    """
    school = session.scalars(school_by_id(school_id)).one()
    campaign = needed_campaign(session, school.territory_id)
    _check_origin(school, table)
    if not table.rows:
        raise Refused("Cette liste est vide.", "file")
    header = find_header(table.rows) or guess_header(table.rows)
    rows = table.rows if header.index is None else table.rows[header.index + 1 :]
    if not rows:
        raise Refused("Sous ses titres, cette liste est vide.", "file")
    remarks = [*table.remarks]
    if table.season not in (None, campaign.season):
        remarks.append(
            f"Ce fichier est de l’année {table.season}-{(table.season or 0) + 1}, la campagne de "
            f"{campaign.season}-{campaign.season + 1} : vérifiez que c’est le bon."
        )
    content = _kept(session, table.kind, header, rows, remarks)
    return replace(content, never=[*content.never, *table.never]), header.parts


def open_import(
    session: Session, school_id: int, table: Table, file_name: str, *, now: datetime
) -> PupilImport:
    """Keep a list as a draft until its head confirms it, one day at most.

    Raises:
        Refused: as `prepare`.
    """
    session.execute(imports_before(now - KEPT))
    content, parts = prepare(session, school_id, table)
    school = session.scalars(school_by_id(school_id)).one()
    draft = PupilImport(
        school_id=school_id,
        campaign_id=needed_campaign(session, school.territory_id).id,
        file_name=clean(file_name)[-100:],
        content=_packed(content),
        parts=[part.value for part in parts],
        created_at=now,
    )
    session.add(draft)
    session.commit()
    return draft


def find_import(session: Session, school_id: int, import_id: int) -> PupilImport:
    """A list this school sent; a missing one is a missing page."""
    return session.scalars(import_of_school(import_id, school_id)).one()


def preview(session: Session, draft: PupilImport, *, now: datetime) -> Preview:
    """What a draft would do today."""
    content = _unpacked(draft.content)
    parts = [PARTS[value] for value in draft.parts]
    return preview_of(session, draft.school_id, content, parts, draft.fixes, now=now)


def preview_of(
    session: Session,
    school_id: int,
    content: Content,
    parts: list[Part],
    fixes: Mapping[str, Mapping[str, str]],
    *,
    now: datetime,
) -> Preview:
    """What a list would do today, with these columns and corrections."""
    school = session.scalars(school_by_id(school_id)).one()
    campaign = needed_campaign(session, school.territory_id)
    known = Known(
        session.scalars(known_pupils(school_id, campaign.id)).all(),
        session.scalars(classes_of_school(school_id, campaign.id)).all(),
        campaign.current_round.state in OPEN,
    )
    missing = Header(None, content.titles, parts).missing
    reader = _reader(content, parts, campaign, known, now)
    plan = Plan([], [], 0) if missing else make_plan(reader, content.rows, fixes, known)
    return Preview(school_id, content, parts, missing, plan, known, campaign)


def correct_import(
    session: Session,
    school_id: int,
    import_id: int,
    parts: Mapping[int, str],
    fixes: Mapping[str, Mapping[str, str]],
) -> None:
    """Keep what the head says of the columns (by rank) and what she corrects (by line).

    A list that is confirmed already stays as it is.

    Raises:
        Refused: two columns play the same part.
    """
    draft = session.scalars(import_to_confirm(import_id, school_id)).one()
    if draft.confirmed_at is not None:
        return
    chosen = _chosen_parts(draft, parts)
    numbers = {str(row[0]) for row in draft.content["rows"]}
    kept = {number: dict(done) for number, done in draft.fixes.items()}
    for number, done in fixes.items():
        if number in numbers:
            known = {name: clean(text) for name, text in done.items() if name in FIXABLE}
            kept[number] = {**kept.get(number, {}), **known}
    draft.parts, draft.fixes = [part.value for part in chosen], kept
    session.commit()


def confirm_import(
    session: Session, school_id: int, import_id: int, seen: str, *, by: int | None, now: datetime
) -> PupilImport:
    """Write what the head has `seen` (the digest of the plan), erase the list, keep the report.

    A list that is confirmed already is given back as it is: a second click does nothing.

    Raises:
        Stale: the plan is no longer the one that was seen.
        Refused: there is nothing to write.
    """
    draft = session.scalars(import_to_confirm(import_id, school_id)).one()
    if draft.confirmed_at is not None:
        return draft
    found = preview(session, draft, now=now)
    if found.plan.digest != seen:
        raise Stale
    if not found.plan.written:
        raise Refused("Aucun élève n’est à ajouter ni à changer.")
    apply_plan(session, school_id, found.campaign.id, found.plan, found.known)
    draft.report, draft.confirmed_at = _report(found.plan), now
    draft.content, draft.parts, draft.fixes = {}, [], {}
    _record(session, f"import:{draft.id}", found.plan, by=by, now=now)
    session.commit()
    return draft


def write_list(session: Session, found: Preview, *, by: int | None, now: datetime) -> None:
    """Write a list at once, without a draft: for the operator's command."""
    if found.plan.written:
        apply_plan(session, found.school_id, found.campaign.id, found.plan, found.known)
        _record(session, f"school:{found.school_id}", found.plan, by=by, now=now)
    session.commit()


def drop_import(session: Session, school_id: int, import_id: int) -> None:
    """Erase a list that its head gives up."""
    session.delete(find_import(session, school_id, import_id))
    session.commit()


def forget_imports(session: Session, *, now: datetime) -> None:
    """Erase the lists and reports older than a day."""
    session.execute(imports_before(now - KEPT))
    session.commit()


def _check_origin(school: School, table: Table) -> None:
    if table.uai and table.uai.upper() != school.uai:
        raise Refused(
            f"Ce fichier vient d’un autre établissement (UAI {table.uai}, le vôtre est "
            f"{school.uai}).",
            "file",
        )


def _kept(
    session: Session, kind: str, header: Header, rows: Sequence[Row], remarks: list[str]
) -> Content:
    """The list without sensitive columns, without the others once nothing is missing."""
    out = {Part.SENSITIVE} if header.missing else {Part.SENSITIVE, Part.IGNORED}
    width = len(header.titles)

    def cell(at: int, text: str) -> str:
        if at >= width:
            return "…" if text else ""  # the line is refused: that it overflows is enough
        part = header.parts[at]
        if part not in out:
            return _fingerprint(session, text) if part is Part.INE else text
        return ""

    kept = [Row(row.number, [cell(at, text) for at, text in enumerate(row.cells)]) for row in rows]
    titled = list(zip(header.titles, header.parts, strict=True))
    return Content(
        kind,
        header.titles,
        [row for row in kept if row.filled],
        [title for title, part in titled if part is Part.SENSITIVE],
        [title for title, part in titled if part is Part.IGNORED and part in out and title],
        remarks,
    )


def _fingerprint(session: Session, cell: str) -> str:
    """The keyed digest of a national number; nothing of what is no such number."""
    number = cell.replace(" ", "").upper()
    return digest(session, f"ine:{number}") if INE.fullmatch(number) else ""


def _reader(
    content: Content, parts: list[Part], campaign: Campaign, known: Known, now: datetime
) -> Reader:
    known_classes = frozenset(known.class_keys)
    reader = Reader(content.titles, parts, campaign.season, now.date(), known_classes)
    mixed = any(reader.level(row) not in (3, None) for row in content.rows)
    return Reader(content.titles, parts, campaign.season, now.date(), known_classes, mixed)


def _chosen_parts(draft: PupilImport, chosen: Mapping[int, str]) -> list[Part]:
    parts = [PARTS[value] for value in draft.parts]
    for at, value in chosen.items():
        if 0 <= at < len(parts) and parts[at] is not Part.SENSITIVE and _playable(parts[at], value):
            parts[at] = PARTS[value]
    for part in set(parts) - {Part.IGNORED, Part.SENSITIVE}:
        if parts.count(part) > 1:
            raise Refused(f"Deux colonnes ne peuvent pas être « {part.label} ».", "parts")
    return parts


def _playable(now: Part, value: str) -> bool:
    """Whether a column may become this; numbers were made fingerprints when the list came."""
    known = {part.value for part in Part} - {Part.SENSITIVE.value}
    return value in known and (value != Part.INE.value or now is Part.INE)


def _report(plan: Plan) -> dict[str, Any]:
    refused = plan.with_outcome(Outcome.REFUSED)
    doubtful = [line for line in plan.lines if line.to_check and line.outcome in WRITTEN]
    return {
        "counts": {outcome.value: plan.counts[outcome] for outcome in Outcome},
        "refused": [[line.number, line.reason] for line in refused],
        "doubtful": [[line.number, line.reason] for line in doubtful],
        "new_classes": list(plan.new_classes),
    }


def _record(session: Session, subject: str, plan: Plan, *, by: int | None, now: datetime) -> None:
    counts = {outcome.value: plan.counts[outcome] for outcome in Outcome}
    record(session, "pupils.imported", subject, by=by, now=now, **counts)


def _packed(content: Content) -> dict[str, Any]:
    return {
        "kind": content.kind,
        "titles": content.titles,
        "rows": [[row.number, row.cells] for row in content.rows],
        "never": content.never,
        "dropped": content.dropped,
        "remarks": content.remarks,
    }


def _unpacked(packed: Mapping[str, Any]) -> Content:
    rows = [Row(number, cells) for number, cells in packed["rows"]]
    kept = ("never", "dropped", "remarks")
    return Content(packed["kind"], packed["titles"], rows, *(packed[name] for name in kept))
