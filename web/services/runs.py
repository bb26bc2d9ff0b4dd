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
    VerificationError,
    policy_named,
    solve,
)
from models import (
    Round,
    Run,
    RunState,
    claimable_run,
    rows_of_runs,
    run_to_change,
    run_with_arrays,
    runs_of_round,
)
from web.services.earlier import Earlier, earlier_of, warm_start
from web.services.errors import Refused
from web.services.figures import run_figures
from web.services.freeze import Frozen
from web.services.freezing.scenario import PUBLIC, Scenario
from web.services.journal import record
from web.services.rounds import COMPUTING, draw_is_settled, locked_round, round_seed
from web.services.run_details import Natures, natures_of, run_details
from web.services.run_inputs import Inputs, decisions_at_once, read_inputs, read_only
from web.services.run_rows import assignment_rows
from web.services.stages import (
    CLOSED,
    first_run,
    give_inputs,
    preselect,
    queue_second,
    run_of,
    second_stage,
)
from web.services.verification import (
    SENTENCES,
    check_promises,
    checks_as_json,
    closing_check,
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
    """Queue a computation of what the round holds: the worker reads it, then computes.

    Before the closing, with anything that differs from the campaign (`policy` is short for a
    scenario that changes nothing else), or on lists that changed since, it is a simulation: the
    worker says which. The decisions are those that stand now, whatever is decided meanwhile.
    A second request while the same one waits returns the first.
    """
    of_round = locked_round(session, round_id, *COMPUTING)
    if policy is not None:
        scenario = replace(scenario, policy=policy)
    scenario = scenario.against(of_round.campaign.policy)
    code = scenario.policy or of_round.campaign.policy
    publishable = of_round.state in CLOSED and scenario == PUBLIC
    if publishable and not draw_is_settled(of_round):
        raise Refused(
            f"Le tirage attend la valeur publique annoncée : {of_round.public_value_name}."
        )
    decided = decisions_at_once(session, of_round, scenario)
    if waiting := waiting_run(session, of_round, code, scenario, decided, publishable=publishable):
        session.commit()
        return waiting
    run = run_of(
        of_round,
        code,
        _seed(of_round),
        publishable=publishable,
        scenario=scenario,
        name=name,
    )
    run.requested_by_id, run.requested_at = by, now
    run.proof = {"attempts": 0, "decisions": decided}
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
        changed = not waiting.scenario and waiting.proof.get("as_closed") is False
        intended = waiting.publishable or changed
        same = (waiting.policy, intended) == (policy, publishable)
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


def prepare_run(open_session: Opener, clock: Clock, task: Task) -> Task | None:
    """Freeze what a claimed run is given, reading under no lock, then store it in a short write.

    Return the task with its instance; None when another worker has taken the run meanwhile.

    Raises:
        Refused: what the round holds now cannot be computed.
    """
    with open_session() as session:
        read_only(session)
        inputs = read_inputs(session, task.run_id, now=clock(session))
    with open_session() as session:
        return keep_inputs(session, task, inputs, now=clock(session))


def keep_inputs(session: Session, task: Task, inputs: Inputs, *, now: datetime) -> Task | None:
    """Store what was frozen for a run, with its hash and its moment, in one commit."""
    run = session.scalars(run_to_change(task.run_id)).one()
    if not _still_mine(run, task):
        session.commit()
        return None
    run.publishable = run.publishable and inputs.as_closed is True
    run.heartbeat_at = now
    run.proof = {
        **run.proof,
        "as_closed": inputs.as_closed,
        "data": inputs.data,
        "frozen_at": inputs.at.isoformat(),
    }
    give_inputs(session, run, inputs.frozen)
    ready = replace(
        task,
        instance=run.instance,
        instance_sha256=run.instance_sha256,
        proof=run.proof,
        figures=run.figures,
        natures=natures_of(session, run.id),
        earlier=earlier_of(session, run),
    )
    session.commit()
    return ready


def _still_mine(run: Run, task: Task) -> bool:
    """Whether no other worker has taken the run since this one did."""
    return run.state is RunState.RUNNING and run.proof.get("attempts") == task.attempt


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


def look_further(session: Session, task: Task, solved: Solved) -> Frozen | None:
    """What the second stage of a solved run would be given, if it needs one. Changes nothing."""
    if solved.result is None:
        return None
    run = session.scalars(run_with_arrays(task.run_id)).one()
    made = assignment_rows(session, run, solved.result)
    return second_stage(session, run, {one["pupil_id"]: one["offer_week_id"] for one in made})


def store_run(
    session: Session, task: Task, solved: Solved, *, now: datetime, second: Frozen | None = None
) -> Run:
    """Store the outcome in one commit: the assignments only if every promise holds.

    `second` is what `look_further` found: it is queued in the same commit. A worker that was
    thought dead and comes back late stores nothing.
    """
    run = session.scalars(run_to_change(task.run_id)).one()
    if not _still_mine(run, task):
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
        if made := assignment_rows(session, run, solved.result):
            session.execute(rows_of_runs()[2], made)
        if queue_second(session, run, second, now=now) is None:
            preselect(session, run)
    record(session, f"run.{run.state.value}", f"run:{run.id}", by=None, now=now)
    session.commit()
    return run


def work_once(open_session: Opener, clock: Clock) -> int | None:
    """Take one run, prepare, compute and store it; return its id, or None when nothing waits."""
    with open_session() as session:
        task = claim_run(session, now=clock(session))
    if task is None:
        return None
    second = None
    try:
        ready = task if task.instance_sha256 else prepare_run(open_session, clock, task)
        if ready is None:
            return task.run_id
        task = ready
        solved = solve_run(task, _Heartbeat(open_session, clock, task))
        with open_session() as session:
            read_only(session)
            second = look_further(session, task, solved)
    except Refused as refused:
        solved = Solved(None, task.proof, task.figures, str(refused))
    except Exception:
        log.exception("run %s failed", task.run_id)
        sentence = "Le calcul s’est arrêté sur une erreur inattendue. L’équipe technique la voit."
        solved = Solved(None, task.proof, task.figures, sentence)
    with open_session() as session:
        store_run(session, task, solved, now=clock(session), second=second)
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
    if _still_mine(run, task):
        run.progress, run.heartbeat_at = percent, now
    session.commit()
