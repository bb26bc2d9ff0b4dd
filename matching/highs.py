"""HiGHS on one thread, whatever else this process did with it before.

HiGHS has a single scheduler per process: once some other code has started it with more threads,
a solver that asks for one gets an error instead of an answer.
"""

import highspy


def quiet(seconds: float | None = None) -> highspy.Highs:
    """A silent solver: one thread, fixed seed, exact gaps for whole objectives."""
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 0.99),
    ):
        solver.setOptionValue(option, value)
    if seconds is not None:
        solver.setOptionValue("time_limit", max(0.0, seconds))
    return solver


def run(solver: highspy.Highs) -> None:
    """Run a solver, with the scheduler of the process made ours if it was not.

    Raises:
        RuntimeError: HiGHS could not even start; a limit that struck is not an error.
    """
    if solver.run() != highspy.HighsStatus.kError:
        return
    highspy.Highs.resetGlobalScheduler(True)
    if solver.run() == highspy.HighsStatus.kError:
        raise RuntimeError("HiGHS refused to run")
