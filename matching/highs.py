"""HiGHS on one thread, whatever else this process did with it before.

HiGHS has a single scheduler per process: once some other code has started it with more threads,
a solver that asks for one gets an error instead of an answer.
"""

import ctypes
import os

import highspy


def _silence() -> None:
    """Make the first solver of the process without its banner on standard output.

    HiGHS writes it from C before any option can be set, and it would spoil the JSON of commands.
    """
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()
        ctypes.CDLL(None).fflush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


_silence()


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
