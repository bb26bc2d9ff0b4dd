"""« Recalculer en gardant le reste »: a run that obeys the decisions and changes little else."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from matching import keep_rest, policy_named
from models import (
    OfferWeek,
    Pupil,
    Round,
    Run,
    RunState,
    School,
    changes_between,
    count_acts,
    runs_of_round,
)
from web.services.decisions import OPEN, decided_ids
from web.services.errors import Refused
from web.services.freezing.scenario import PUBLIC
from web.services.journal import record
from web.services.rounds import locked_round, selected_run
from web.services.run_inputs import decisions_at_once
from web.services.runs import waiting_run
from web.services.spelling import in_order
from web.services.stages import CLOSED, first_run, run_of


def request_adjusted(session: Session, round_id: int, *, by: int, now: datetime) -> Run:
    """Queue a run that starts from the chosen one and changes the fewest places.

    It may be published when only decisions differ from the chosen run: same closing, same draw,
    same rule but for the wish to change little. A second request while the same one waits
    returns the first.

    Raises:
        Refused: no run is chosen, no decision is new, or the rule serves pupils in turn.
    """
    turn = locked_round(session, round_id, *OPEN)
    base = selected_run(session, turn)
    if base is None:
        raise Refused("Retenez d’abord un calcul : c’est lui que l’on garde.")
    decided = decided_ids(session, turn)
    if decided == base.proof.get("decisions"):
        raise Refused("Le calcul retenu tient déjà compte de toutes les décisions.")
    code = _policy(turn.campaign.policy)
    decisions_at_once(session, turn, PUBLIC)
    publishable = turn.state in CLOSED
    if waiting := waiting_run(session, turn, code, PUBLIC, decided, publishable=publishable):
        session.commit()
        return waiting
    run = run_of(turn, code, base.seed, publishable=publishable)
    run.requested_by_id, run.requested_at = by, now
    run.proof = {
        "attempts": 0,
        "decisions": decided,
        "base_run": base.id,
    }
    session.add(run)
    session.flush()
    about = {"policy": code, "publishable": publishable, "base_run": base.id}
    record(session, "run.requested", f"run:{run.id}", by=by, now=now, **about)
    session.commit()
    return run


def _policy(code: str) -> str:
    try:
        return keep_rest(policy_named(code)).code
    except ValueError:
        raise Refused(
            "Cette règle sert les élèves chacun à son tour : elle se recalcule en entier."
        ) from None


def base_run(session: Session, run: Run) -> Run | None:
    """The run whose places this one keeps; of two stages, the first one says it."""
    known = (first_run(session, run) or run).proof.get("base_run")
    return session.get(Run, known) if known else None


@dataclass(frozen=True, slots=True)
class Change:
    """A pupil who has another place in one run than in another, or loses or gains one."""

    pupil: Pupil
    before: OfferWeek | None
    after: OfferWeek | None


@dataclass(frozen=True, slots=True)
class SchoolChanges:
    """The changes of the pupils of one school, by name."""

    school: School
    changes: list[Change]


def changes(session: Session, run: Run, base: Run) -> list[SchoolChanges]:
    """Who changes from one run to another, by school; those with the most changes first."""
    found: dict[School, list[Change]] = {}
    for was, one in session.execute(changes_between(base.id, run.id)):
        change = Change(was.pupil, was.offer_week, one.offer_week)
        found.setdefault(was.pupil.school, []).append(change)
    rows = [SchoolChanges(school, sorted(own, key=_name)) for school, own in found.items()]
    return sorted(rows, key=lambda row: (-len(row.changes), row.school.name))


def _name(change: Change) -> tuple[str, str]:
    return in_order(change.pupil.last_name, change.pupil.first_name)


@dataclass(frozen=True, slots=True)
class Pending:
    """What the chosen run of a round does not know yet."""

    decisions: int
    """How many were made or lifted since; an offer forbidden in several weeks is one."""
    next_run: Run | None
    """A run that knows them all, asked for but not chosen yet."""


def pending(session: Session, turn: Round) -> Pending:
    """What was decided since the chosen run of a round, and the run that already knows it."""
    chosen, decided = selected_run(session, turn), decided_ids(session, turn)
    known = chosen.proof.get("decisions", []) if chosen else decided
    if known == decided:
        return Pending(0, None)
    coming = (
        run
        for run in session.scalars(runs_of_round(turn.id))
        if run.publishable
        and run.id != turn.selected_run_id
        and run.state is not RunState.FAILED
        and run.proof.get("decisions", []) == decided
    )
    acts = session.scalars(count_acts(set(known) ^ set(decided))).one()
    return Pending(acts, next(coming, None))
