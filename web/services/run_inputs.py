"""What a run is given: checked when it is asked for, read by the worker under no lock."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    Decision,
    DecisionKind,
    OfferState,
    Round,
    Run,
    decisions_to_read,
    places_given,
    run_with_arrays,
    somebody_wishes,
)
from web.services.errors import Refused
from web.services.freeze import Frozen, freeze
from web.services.freezing.decisions import decided_for, refuse_fuller
from web.services.freezing.scenario import Scenario
from web.services.stages import as_closed, facts_of
from web.services.verification import offers_snapshot, snapshot


@dataclass(frozen=True)
class Inputs:
    """What a round held at one moment, and whether that is what it held at its closing."""

    frozen: Frozen
    as_closed: bool | None
    data: str
    """SHA-256 of what families and schools said, then of the places."""
    at: datetime


def read_only(session: Session) -> None:
    """Begin a transaction that reads one state of the database and locks nobody out."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    options = {"begin": "DEFERRED"} if sqlite else {"isolation_level": "REPEATABLE READ"}
    session.connection(execution_options=options)


def decisions_at_once(session: Session, of_round: Round, scenario: Scenario) -> list[int]:
    """The ids of the decisions that a run asked for now obeys.

    Raises:
        Refused: nobody has a wish, two decisions contradict each other, or more pupils are kept
            at a place than it has seats. The freeze looks again, at everything.
    """
    if not session.scalars(somebody_wishes(of_round.campaign_id)).one():
        raise Refused("Aucun élève n’a fait de vœu : il n’y a rien à calculer.")
    standing = session.scalars(decisions_to_read(of_round.id)).all()
    if scenario.decisions:
        pupils = {one.pupil_id: one.pupil for one in standing}
        decided_for(session, of_round, pupils.values())
        _refuse_overfull(standing)
    return [one.id for one in standing]


def _refuse_overfull(standing: Sequence[Decision]) -> None:
    kept = [one for one in standing if one.kind is not DecisionKind.BAN]
    places = {one.offer_week_id: one.offer_week for one in kept}
    seats = {
        key: place.seats if place.offer.state is OfferState.OPEN else 0
        for key, place in places.items()
    }
    refuse_fuller(Counter(one.offer_week_id for one in kept), seats)


def read_inputs(session: Session, run_id: int, *, now: datetime) -> Inputs:
    """Freeze what the round of a run holds now. Changes nothing, commits nothing.

    Raises:
        Refused: what the round holds cannot be computed; the sentence says why.
    """
    run = session.scalars(run_with_arrays(run_id)).one()
    of_round, base = run.round, run.proof.get("base_run")
    held = facts_of(session, of_round)
    data = snapshot(session, of_round)
    frozen = freeze(
        session,
        of_round,
        run.seed,
        before=dict(session.execute(places_given(base)).all()) if base else None,
        scenario=Scenario.from_json(run.scenario),
        decided=run.proof.get("decisions", []),
    )
    unchanged = as_closed(session, of_round, data)
    given = f"{data}{offers_snapshot(session, of_round)}"
    del held  # what was read again above was already there
    return Inputs(frozen, unchanged, given, now)


def frozen_at(run: Run) -> datetime | None:
    """When a run read what it was given; None before, and for the second stage of another."""
    told: str | None = run.proof.get("frozen_at")
    return datetime.fromisoformat(told) if told else None
