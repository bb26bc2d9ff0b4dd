"""A run, as three use cases: asked for, computed with no open transaction, stored."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from matching import (
    Infeasible,
    Instance,
    Result,
    VerificationError,
    policy_named,
    solve,
)
from models import (
    Assignment,
    Round,
    Run,
    RunState,
    Source,
    claimable_run,
    run_choices,
    run_pupils,
    run_to_change,
    run_with_arrays,
    runs_of_round,
    standing_decisions,
)
from web.services.earlier import Earlier, earlier_of, warm_start
from web.services.errors import Refused
from web.services.figures import run_figures
from web.services.freeze import freeze
from web.services.freezing.scenario import PUBLIC, Scenario
from web.services.journal import record
from web.services.rounds import COMPUTING, draw_is_settled, locked_round, round_seed
from web.services.run_details import Natures, natures_of, run_details
from web.services.stages import (
    CLOSED,
    as_closed,
    first_run,
    preselect,
    run_of,
    second_run,
)
from web.services.verification import (
    SENTENCES,
    check_promises,
    checks_as_json,
    closing_check,
    offers_snapshot,
    snapshot,
)

STALE_AFTER = timedelta(minutes=10)
TIME_LIMIT = 240.0
"""Seconds to compute: with the check and the replay, well under the time of a stale claim."""
MAX_ATTEMPTS = 3
PENDING = (RunState.QUEUED, RunState.RUNNING)

Clock = Callable[[Session], datetime]
Opener = Callable[[], Session]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """What a worker takes with it: nothing here needs the database any more."""

    run_id: int
    attempt: int
    instance: bytes
    instance_sha256: str
    policy: str
    seed: str
    proof: dict[str, Any]
    figures: dict[str, Any]
    natures: Natures
    earlier: Earlier | None = None


@dataclass(frozen=True)
class Solved:
    """What the computation gave: a verified result, or the sentence that says why not."""

    result: bytes | None
    proof: dict[str, Any]
    figures: dict[str, Any]
    failure: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def request_run(
    session: Session,
    round_id: int,
    *,
    by: int | None,
    now: datetime,
    policy: str | None = None,
    scenario: Scenario = PUBLIC,
    name: str = "",
) -> Run:
    """Freeze what the round holds and queue its computation.

    Before the closing, with anything that differs from the campaign (`policy` is short for a
    scenario that changes nothing else), or on lists that changed since, it is a simulation.
    A second request while the same one waits returns the first.
    """
    of_round = locked_round(session, round_id, *COMPUTING)
    if policy is not None:
        scenario = replace(scenario, policy=policy)
    scenario = scenario.against(of_round.campaign.policy)
    code = scenario.policy or of_round.campaign.policy
    data = snapshot(session, of_round)
    unchanged = as_closed(session, of_round, data)
    publishable = unchanged is True and scenario == PUBLIC
    if publishable and not draw_is_settled(of_round):
        raise Refused(
            f"Le tirage attend la valeur publique annoncée : {of_round.public_value_name}."
        )
    decided = [decision.id for decision in session.scalars(standing_decisions(round_id))]
    if waiting := waiting_run(session, of_round, code, scenario, decided, publishable=publishable):
        session.commit()
        return waiting
    seed = _seed(of_round)
    run = run_of(
        freeze(session, of_round, seed, scenario=scenario),
        of_round,
        code,
        seed,
        publishable=publishable,
        scenario=scenario,
        name=name,
    )
    run.requested_by_id, run.requested_at = by, now
    run.proof = {
        "as_closed": unchanged,
        "data": f"{data}{offers_snapshot(session, of_round)}",
        "attempts": 0,
        "decisions": decided,
    }
    session.add(run)
    session.flush()
    record(
        session,
        "run.requested",
        f"run:{run.id}",
        by=by,
        now=now,
        policy=code,
        publishable=publishable,
    )
    session.commit()
    return run


def waiting_run(
    session: Session,
    of_round: Round,
    policy: str,
    scenario: Scenario,
    decided: list[int],
    *,
    publishable: bool,
) -> Run | None:
    """The same run, asked for before and still waiting, if any."""
    asked = runs_of_round(of_round.id).execution_options(populate_existing=True)
    for waiting in session.scalars(asked).all():
        same = (waiting.policy, waiting.publishable) == (policy, publishable)
        same = same and waiting.scenario == scenario.as_json and waiting.state in PENDING
        if same and waiting.proof.get("decisions") == decided:
            return waiting
    return None


def _seed(of_round: Round) -> str:
    """The seed of the round once its draw is settled; before, one that all simulations share.

    Scenarios are compared on the same draw: what differs comes from the rule, not from chance.
    """
    if of_round.state in CLOSED and draw_is_settled(of_round):
        return round_seed(of_round)
    return hashlib.sha256(f"simulation:{of_round.secret}".encode()).hexdigest()


def claim_run(session: Session, *, now: datetime) -> Task | None:
    """Take the next run that waits, or one whose worker has died; None when there is none."""
    run = session.scalar(claimable_run(now - STALE_AFTER))
    if run is None:
        session.commit()
        return None
    attempt = run.proof.get("attempts", 0) + 1
    run.proof = {**run.proof, "attempts": attempt}
    run.heartbeat_at = now
    if attempt > MAX_ATTEMPTS:
        run.state, run.finished_at = RunState.FAILED, now
        run.failure = "Le calcul s’est arrêté plusieurs fois avant la fin."
        preselect(session, first_run(session, run))
        session.commit()
        return None
    run.state, run.progress = RunState.RUNNING, 0
    run = session.scalars(run_with_arrays(run.id)).one()
    task = Task(
        run_id=run.id,
        attempt=attempt,
        instance=run.instance,
        instance_sha256=run.instance_sha256,
        policy=run.policy,
        seed=run.seed,
        proof=run.proof,
        figures=run.figures,
        natures=natures_of(session, run.id),
        earlier=earlier_of(session, run),
    )
    session.commit()
    return task


def solve_run(task: Task, tell_progress: Callable[[int], None]) -> Solved:
    """Compute and verify. Needs no database; `tell_progress` is given a percentage."""
    empty = Solved(None, task.proof, task.figures)
    try:
        instance = Instance.from_npz(task.instance)
        policy = policy_named(task.policy)
        result = solve(
            instance,
            policy,
            seed=task.seed,
            warm=warm_start(instance, task.earlier),
            time_limit=TIME_LIMIT,
            progress=lambda done, of: tell_progress(round(90 * done / max(of, 1))),
        )
        checks = check_promises(instance, policy, result, expected_sha256=task.instance_sha256)
    except VerificationError as broken:
        log.error("run %s breaks a promise: %s", task.run_id, broken)
        promise = SENTENCES.get(broken.promise, broken.promise)
        sentence = f"La vérification a refusé ce calcul. Promesse non tenue : {promise}"
        return replace(empty, failure=sentence)
    except Infeasible as impossible:
        log.warning("run %s is infeasible: %s", task.run_id, impossible)
        return replace(empty, failure="Les décisions ne peuvent pas être respectées ensemble.")
    checks.append(closing_check(task.proof.get("as_closed")))
    proof = {
        **task.proof,
        "promises": checks_as_json(checks),
        "parts": [asdict(part) for part in result.proof],
        "objective": [str(value) for value in result.objective],
        "seconds": round(result.seconds, 3),
        "versions": result.versions,
    }
    return Solved(
        result.to_npz(),
        proof,
        {**task.figures, **run_figures(instance, result)},
        details=run_details(instance, result, task.natures),
    )


def store_run(session: Session, task: Task, solved: Solved, *, now: datetime) -> Run:
    """Store the outcome in one commit: the assignments only if every promise holds.

    A worker that was thought dead and comes back late stores nothing.
    """
    run = session.scalars(run_to_change(task.run_id)).one()
    if run.state is not RunState.RUNNING or run.proof.get("attempts") != task.attempt:
        session.commit()
        return run
    run.finished_at = run.heartbeat_at = now
    run.proof, run.figures, run.failure = solved.proof, solved.figures, solved.failure
    run.details = solved.details
    if solved.result is None:
        run.state = RunState.FAILED
        preselect(session, first_run(session, run))
    else:
        run.state, run.progress, run.result = RunState.DONE, 100, solved.result
        made = _assignments(session, run, solved.result)
        session.add_all(made)
        given = {one.pupil_id: one.offer_week_id for one in made}
        if second_run(session, run, given, now=now) is None:
            preselect(session, run)
    record(session, f"run.{run.state.value}", f"run:{run.id}", by=None, now=now)
    session.commit()
    return run


def _assignments(session: Session, run: Run, stored: bytes) -> list[Assignment]:
    instance = Instance.from_npz(session.scalars(run_with_arrays(run.id)).one().instance)
    result = Result.from_npz(stored)
    places = [row.offer_week_id for row in session.scalars(run_choices(run.id))]
    columns = instance.column_of(result.choice).tolist()
    made = []
    for row in session.scalars(run_pupils(run.id)):
        choice, column = int(result.choice[row.row]), columns[row.row]
        accepted = choice >= 0 and bool(instance.completion[row.row, column])
        source = Source.COMPLETION if accepted else Source.WISH
        made.append(
            Assignment(
                run_id=run.id,
                pupil_id=row.pupil_id,
                offer_week_id=places[choice] if choice >= 0 else None,
                source=source if choice >= 0 else None,
                rank=int(instance.rank[row.row, column]) if choice >= 0 and not accepted else None,
            )
        )
    return made


def work_once(open_session: Opener, clock: Clock) -> int | None:
    """Take one run, compute it and store it; return its id, or None when nothing waits."""
    with open_session() as session:
        task = claim_run(session, now=clock(session))
    if task is None:
        return None
    try:
        solved = solve_run(task, _Heartbeat(open_session, clock, task))
    except Exception:
        log.exception("run %s failed", task.run_id)
        sentence = "Le calcul s’est arrêté sur une erreur inattendue. L’équipe technique la voit."
        solved = Solved(None, task.proof, task.figures, sentence)
    with open_session() as session:
        store_run(session, task, solved, now=clock(session))
    return task.run_id


class _Heartbeat:
    """Writes the progress of a run in short transactions, at most one for each 5 %."""

    def __init__(self, open_session: Opener, clock: Clock, task: Task) -> None:
        self.open_session, self.clock, self.task = open_session, clock, task
        self.told = 0

    def __call__(self, percent: int) -> None:
        """Tell how far the run is."""
        if percent < self.told + 5:
            return
        self.told = percent
        with self.open_session() as session:
            tell_progress(session, self.task, percent, now=self.clock(session))


def tell_progress(session: Session, task: Task, percent: int, *, now: datetime) -> None:
    """Write how far a run is, and that its worker lives."""
    run = session.scalars(run_to_change(task.run_id)).one()
    if run.state is RunState.RUNNING and run.proof.get("attempts") == task.attempt:
        run.progress, run.heartbeat_at = percent, now
    session.commit()
