"""The figures of a campaign and of a run, from few queries."""

from typing import Any

import numpy as np

from matching import Instance, Result
from web.services.freeze import LABELS

Counts = dict[str, int]


def run_figures(instance: Instance, result: Result) -> dict[str, Any]:
    """Counts by label of an assignment, as stored with its run."""
    column = instance.column_of(result.choice)
    rows = np.arange(instance.n)
    placed = column >= 0
    completed = placed & instance.completion[rows, column]
    wished = placed & ~completed
    rank = np.where(wished, instance.rank[rows, column], 0)
    labels = {
        label.value: {
            "pupils": int(mine.sum()),
            "placed": int((mine & placed).sum()),
            "first": int((mine & (rank == 1)).sum()),
            "top3": int((mine & wished & (rank <= 3)).sum()),
            "wished": int((mine & wished).sum()),
            "completion": int((mine & completed).sum()),
            "rank_sum": int(rank[mine].sum()),
        }
        for tier, label in LABELS.items()
        for mine in [instance.tier == tier]
    }
    return {"labels": labels, "seats": int(instance.cap.sum())}
