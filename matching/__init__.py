"""The rule: which pupil gets which place, exactly, with a proof. Arrays in, arrays out."""

from matching.build import Arc, ChoiceRow, PupilRow, build_instance
from matching.checks import InvalidInstance
from matching.explain import explain
from matching.instance import FREE, UNPLACED, Instance
from matching.measure import Changes, Figures, Measure, Places, changes, measure
from matching.policy import POLICIES, Criterion, Policy, keep_rest, policy_named
from matching.promises import PROMISES, Finding, Promise, Report, VerificationError
from matching.result import Infeasible, Prices, Proof, Result
from matching.solver import solve
from matching.verify import verify

__all__ = [
    "FREE",
    "POLICIES",
    "PROMISES",
    "UNPLACED",
    "Arc",
    "Changes",
    "ChoiceRow",
    "Criterion",
    "Figures",
    "Finding",
    "Infeasible",
    "Instance",
    "InvalidInstance",
    "Measure",
    "Places",
    "Policy",
    "Prices",
    "Promise",
    "Proof",
    "PupilRow",
    "Report",
    "Result",
    "VerificationError",
    "build_instance",
    "changes",
    "explain",
    "keep_rest",
    "measure",
    "policy_named",
    "solve",
    "verify",
]
