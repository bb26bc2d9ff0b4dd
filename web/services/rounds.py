"""What every use case about a round needs: the locked row, the chosen run, the draw's seed."""

import hashlib

from sqlalchemy.orm import Session

from models import Round, RoundState, Run, RunState, round_to_change
from web.services.errors import Gone, Refused

COMPUTING = (RoundState.WISHES_OPEN, RoundState.WISHES_CLOSED, RoundState.REVIEW)
"""The states in which a run may be asked for."""


def locked_round(session: Session, round_id: int, *states: RoundState) -> Round:
    """A round to change, if it is in one of these states.

    Raises:
        Gone: there is no such round. Refused: it is in another state.
    """
    found = session.scalar(round_to_change(round_id))
    if found is None:
        raise Gone("Ce tour n’existe pas.")
    if states and found.state not in states:
        wanted = " ou ".join(f"« {state.label} »" for state in states)
        raise Refused(f"Ce tour est à l’étape « {found.state.label} », et non {wanted}.")
    return found


def selected_run(session: Session, of_round: Round) -> Run | None:
    """The run chosen for a round, if it is finished and may be published."""
    if of_round.selected_run_id is None:
        return None
    run = session.get(Run, of_round.selected_run_id, populate_existing=True)
    return run if run and run.state is RunState.DONE and run.publishable else None


def draw_is_settled(of_round: Round) -> bool:
    """True when the public value is known, or none was announced."""
    return not of_round.public_value_name or of_round.public_value is not None


def round_seed(of_round: Round) -> str:
    """SHA-256 of the secret followed by the public value, in hexadecimal.

    Without an announced value the secret alone makes it, and the pages say so.
    """
    return hashlib.sha256(f"{of_round.secret}{of_round.public_value or ''}".encode()).hexdigest()


def shown_seed(run: Run) -> str | None:
    """The seed of a run, or None while it is the round's and its results are not published."""
    if run.round.published_at is None and run.seed == round_seed(run.round):
        return None
    return run.seed
