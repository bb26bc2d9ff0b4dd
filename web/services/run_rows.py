"""From the result of a run to the rows of its assignments."""

from typing import Any

from sqlalchemy.orm import Session

from matching import Instance, Result
from models import Run, Source, run_choices, run_pupils, run_with_arrays


def assignment_rows(session: Session, run: Run, stored: bytes) -> list[dict[str, Any]]:
    """The rows of the assignments of a run."""
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
            {
                "run_id": run.id,
                "pupil_id": row.pupil_id,
                "offer_week_id": places[choice] if choice >= 0 else None,
                "source": source if choice >= 0 else None,
                "rank": int(instance.rank[row.row, column])
                if choice >= 0 and not accepted
                else None,
            }
        )
    return made
