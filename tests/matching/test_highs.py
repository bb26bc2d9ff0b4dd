"""HiGHS answers on one thread even after other code of the process used it otherwise."""

import highspy
import numpy as np

from matching import POLICIES, solve, verify
from matching.generate import Shape, generate


def programme(column=1):
    made = highspy.HighsLp()
    made.num_col_, made.num_row_ = column, 0
    made.col_cost_ = np.ones(column)
    made.col_lower_, made.col_upper_ = np.zeros(column), np.ones(column)
    return made


def test_a_scheduler_that_others_started_does_not_spoil_a_proof():
    other = highspy.Highs()  # all cores of the machine, as a library would ask for
    other.setOptionValue("output_flag", False)
    other.passModel(programme())
    other.run()
    instance = generate(Shape(60, wishes=4, group_share=0.3, pathway_share=0.2), seed=3)
    result = solve(instance, POLICIES["priority"], seed=1)
    assert result.proved
    verify(instance, POLICIES["priority"], result)
