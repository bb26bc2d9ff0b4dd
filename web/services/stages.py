"""The two stages of an assignment: the run, then one that completes it where places remain."""

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy.orm import Session

from models import (
    Offer,
    Pupil,
    Round,
    RoundState,
    Run,
    RunState,
    pupils_of_campaign,
    rows_of_runs,
    runs_of_round,
    standing_decisions,
)
from web.services.freeze import Frozen, Given, freeze, held_offers
from web.services.freezing.scenario import PUBLIC, Scenario
from web.services.journal import record
from web.services.verification import snapshot

RULE_VERSION = "1"
"""Changes whenever the rule could give another result on the same instance."""
CLOSED = (RoundState.WISHES_CLOSED, RoundState.REVIEW)


def code_version() -> str:
    """The version of the code that computes, kept with each run."""
    try:
        return f"{version('tremplin3e')}+rule{RULE_VERSION}"
    except PackageNotFoundError:
        return f"0+rule{RULE_VERSION}"


def run_of(
    of_round: Round,
    policy: str,
    seed: str,
    *,
    publishable: bool,
    scenario: Scenario = PUBLIC,
    name: str = "",
) -> Run:
    """A run that is given nothing yet; not yet asked for."""
    return Run(
        round=of_round,
        name=name,
        scenario=scenario.as_json,
        policy=policy,
        seed=seed,
        publishable=publishable,
        code_version=code_version(),
        instance=b"",
        instance_sha256="",
    )


def give_inputs(session: Session, run: Run, frozen: Frozen) -> None:
    """Write what was frozen in a run, with who is behind each row: once, and never again."""
    run.instance, run.instance_sha256 = frozen.instance.to_npz(), frozen.instance.sha256
    run.figures = {"no_wish": frozen.no_wish, "held": frozen.held, "found": frozen.found}
    session.flush()
    pupils, choices, _ = rows_of_runs()
    session.execute(
        pupils, [{"run_id": run.id, "row": i, "pupil_id": p} for i, p in enumerate(frozen.pupils)]
    )
    places = [
        {"run_id": run.id, "row": j, "offer_week_id": c} for j, c in enumerate(frozen.choices)
    ]
    if places:
        session.execute(choices, places)


def facts_of(session: Session, of_round: Round) -> tuple[Sequence[Pupil], Sequence[Offer]]:
    """The pupils and the offers of a round: while they are held, the session loads none again.

    The fingerprint and the freeze each read all of them.
    """
    pupils = session.scalars(pupils_of_campaign(of_round.campaign_id)).all()
    return pupils, held_offers(session, of_round)


def as_closed(session: Session, of_round: Round, data: str | None = None) -> bool | None:
    """Whether the round still holds what it held at its closing; None before.

    `data` is its snapshot of now, if the caller has it.
    """
    if of_round.state not in CLOSED:
        return None
    return (data or snapshot(session, of_round)) == of_round.snapshot_sha256


def second_stage(session: Session, first: Run, given: Given) -> Frozen | None:
    """What the run is given that looks for a place for those a first run left without any.

    A simulation has its second stage too, so that it compares with the publishable run; but not
    one that gives no place outside the lists.

    What the first run gave is locked; the others may have every compatible place that remains.
    None when nobody waits, nothing remains, or the round no longer holds what the first one saw.
    Changes nothing.
    """
    of_round = first.round
    scenario = Scenario.from_json(first.scenario)
    nothing_to_do = None not in given.values() or first_run(session, first) is not None
    if not scenario.completion or nothing_to_do or not _same_decisions(session, first):
        return None
    held = facts_of(session, of_round)
    if not as_closed(session, of_round):
        return None
    frozen = freeze(session, of_round, first.seed, given=given, scenario=scenario)
    del held  # what the freeze read was already there
    return frozen if frozen.widened else None


def _same_decisions(session: Session, first: Run) -> bool:
    """Whether the round of a run is still to be published, with the decisions the run obeyed."""
    decided = [one.id for one in session.scalars(standing_decisions(first.round_id))]
    return first.round.state in CLOSED and decided == first.proof.get("decisions")


def queue_second(
    session: Session, first: Run, frozen: Frozen | None, *, now: datetime
) -> Run | None:
    """Queue the second stage of a run; None when there is none, or decisions changed meanwhile.

    Part of the use case that stores the first run: commits nothing.
    """
    if frozen is None or not _same_decisions(session, first):
        return None
    of_round, scenario = first.round, Scenario.from_json(first.scenario)
    run = run_of(
        of_round,
        first.policy,
        first.seed,
        publishable=first.publishable,
        scenario=scenario,
        name=first.name,
    )
    run.requested_by_id, run.requested_at = first.requested_by_id, now
    run.proof = {
        "data": first.proof.get("data"),
        "as_closed": True,
        "attempts": 0,
        "decisions": first.proof.get("decisions"),
        "first_run": first.id,
        "widened": frozen.widened,
    }
    session.add(run)
    give_inputs(session, run, frozen)
    subject = f"run:{run.id}"
    record(session, "run.requested", subject, by=None, now=now, first_run=first.id)
    return run


def first_run(session: Session, run: Run) -> Run | None:
    """The run that this one completes, if it is a second stage."""
    known = run.proof.get("first_run")
    return session.get(Run, known) if known else None


def completing_run(session: Session, run: Run) -> Run | None:
    """The run that completes this one, whether it still computes or not; None if it failed."""
    later = session.scalars(runs_of_round(run.round_id))
    return next(
        (
            one
            for one in later
            if one.proof.get("first_run") == run.id and one.state is not RunState.FAILED
        ),
        None,
    )


def preselect(session: Session, run: Run | None) -> None:
    """Choose a finished run for its round, unless one is already chosen."""
    if run is None or not run.publishable or run.state is not RunState.DONE:
        return
    if run.round.selected_run_id is None and run.round.state in CLOSED:
        run.round.selected_run_id = run.id
