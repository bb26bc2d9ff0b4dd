"""From the result of a run to the rows of its assignments."""

from typing import Any

from sqlalchemy.orm import Session

from matching import Instance, Result
from models import Run, Source, places_of_run, pupils_of_rows, run_with_arrays


def assignment_rows(session: Session, run: Run, stored: bytes) -> list[dict[str, Any]]:
    """The rows of the assignments of a run."""
    instance = Instance.from_npz(session.scalars(run_with_arrays(run.id)).one().instance)
    result = Result.from_npz(stored)
    places = session.scalars(places_of_run(run.id)).all()
    choices, columns = result.choice.tolist(), instance.column_of(result.choice).tolist()
    made = []
    for row, pupil_id in enumerate(session.scalars(pupils_of_rows(run.id))):
        choice, column = choices[row], columns[row]
        accepted = choice >= 0 and bool(instance.completion[row, column])
        source = Source.COMPLETION if accepted else Source.WISH
        made.append(
            {
                "run_id": run.id,
                "pupil_id": pupil_id,
                "offer_week_id": places[choice] if choice >= 0 else None,
                "source": source if choice >= 0 else None,
                "rank": int(instance.rank[row, column]) if choice >= 0 and not accepted else None,
            }
        )
    return made
