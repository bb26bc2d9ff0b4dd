"""The promises made to families, and the check of each one on a run."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from matching import (
    PROMISES,
    Finding,
    Instance,
    InvalidInstance,
    Policy,
    Report,
    Result,
    VerificationError,
    policy_named,
    solve,
    verify,
)
from models import Offer, Round, Run, pupils_of_campaign, run_with_arrays
from web.services.found_places import out_of_round
from web.services.freeze import held_offers, in_round, label_of, pupil_key
from web.services.freezing.seats import holds_back, kept_seats
from web.services.needs_access import needs_of

SENTENCES = {
    **{code: promise.sentence for code, promise in PROMISES.items()},
    "P6": "Les mêmes données redonnent le même résultat.",
    "P7": "Les vœux, les limites, les semaines et les labels sont ceux de la clôture.",
}
REPLAY_SECONDS = 60.0
"""A run that took longer is not computed twice: it stays « vérifiable »."""


@dataclass(frozen=True)
class Check:
    """A promise and how it was checked; `held` is None where it was not."""

    code: str
    held: bool | None
    how: str

    @property
    def sentence(self) -> str:
        """The promise, as families read it."""
        return SENTENCES[self.code]


def snapshot(session: Session, held_round: Round) -> str:
    """SHA-256 of what the families and schools of a round have said, and of its rule."""
    campaign = held_round.campaign
    pupils = session.scalars(pupils_of_campaign(campaign.id)).all()
    found = out_of_round(session, held_round)
    facts = {
        "rule": [campaign.policy, campaign.max_wishes, campaign.max_completions],
        "pupils": [
            {
                "pupil": pupil.id,
                "key": pupil_key(session, held_round, pupil.id),
                "label": label_of(pupil.school, campaign.season).value,
                "weeks": sorted(week.id for week in pupil.school_class.weeks),
                "wishes": [wish.offer_id for wish in pupil.wishes],
                "limit": pupil.limit_km or pupil.school.limit_km,
                "refused": sorted(pupil.refused_families),
                "needs": sorted(need.value for need in needs_of(pupil)),
            }
            for pupil in pupils
            if pupil.wishes and pupil.id not in found and in_round(pupil, held_round)
        ],
    }
    return _digest(facts)


def offers_snapshot(session: Session, held_round: Round) -> str:
    """SHA-256 of the places of a round."""
    return _digest(
        [
            [o.id, o.total_seats, o.school_max, o.min_group, _reserve(o, held_round)]
            + [[offered.week_id, offered.seats] for offered in o.weeks]
            + ([[step.key for step in o.steps]] if o.is_pathway else [])
            + ([_named(o, held_round)] if o.named_schools else [])
            for o in held_offers(session, held_round)
        ]
    )


def _reserve(offer: Offer, held_round: Round) -> int:
    """What an offer keeps for REP+ and REP schools, once its day of release is weighed."""
    return kept_seats(offer, held_round) if offer.reserve_until else offer.reserved_seats


def _named(offer: Offer, held_round: Round) -> list[Any]:
    """What an offer keeps for named schools, weighed in the same way."""
    whole = offer.reserve_until is None or holds_back(offer, held_round)
    return ["named", offer.named_seats if whole else 0, *offer.named_schools]


def _digest(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def check_promises(
    instance: Instance, policy: Policy, result: Result, *, expected_sha256: str
) -> list[Check]:
    """P1 to P6 on a result.

    Raises:
        VerificationError: one is broken; `promise` names it.
    """
    if instance.sha256 != expected_sha256:
        raise VerificationError("P6", "the stored instance is not the one that was frozen")
    report = verify(instance, policy, result)
    return [*_checks(report), _replay(instance, policy, result)]


def _checks(report: Report) -> list[Check]:
    """One line for each promise of the rule; parts checked in other ways are told together."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.promise.code, []).append(finding)
    return [
        Check(
            code,
            None if any(f.how == "bound" for f in findings) else True,
            " ".join(dict.fromkeys(f.sentence for f in findings)),
        )
        for code, findings in found.items()
    ]


def _replay(instance: Instance, policy: Policy, result: Result) -> Check:
    if result.seconds > REPLAY_SECONDS or any(p.how == "bound" for p in result.proof):
        return Check("P6", None, "Vérifiable, mais trop long pour être recalculé ici.")
    again = solve(instance, policy, seed=result.seed)
    if not np.array_equal(again.choice, result.choice):
        raise VerificationError("P6", "the same inputs gave another result")
    return Check("P6", True, "Calculé deux fois, même résultat.")


def closing_check(as_closed: bool | None) -> Check:
    """P7, from the comparison made when the run was asked for; None before the closing."""
    if as_closed is None:
        return Check("P7", None, "Simulation faite avant la clôture.")
    how = "Empreinte comparée à celle de la clôture."
    return Check("P7", as_closed, how if as_closed else "Les données ont changé depuis.")


def checks_as_json(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Checks as they are stored with a run."""
    return [asdict(check) for check in checks]


def checks_of(run: Run) -> list[Check]:
    """The checks stored with a run."""
    return [Check(**stored) for stored in run.proof.get("promises", [])]


def proved(run: Run) -> bool:
    """Whether nothing is left to prove: no part of its computation struck its time limit."""
    parts = run.proof.get("parts", [])
    return bool(parts) and all(part["how"] != "bound" for part in parts)


def verify_run(session: Session, run_id: int) -> list[Check]:
    """Check again every promise of a finished run, from its stored bytes.

    Raises:
        VerificationError: a promise is broken.
    """
    run = session.scalars(run_with_arrays(run_id)).one()
    if run.result is None:
        raise VerificationError("P6", "this run has no result")
    try:
        instance, result = Instance.from_npz(run.instance), Result.from_npz(run.result)
    except InvalidInstance as error:
        raise VerificationError("P6", str(error)) from None
    policy = policy_named(run.policy)
    checks = check_promises(instance, policy, result, expected_sha256=run.instance_sha256)
    return [*checks, closing_check(_as_closed(run))]


def _as_closed(run: Run) -> bool | None:
    """Whether a run was given what its round held at its closing; None if it came before."""
    told: bool | None = run.proof.get("as_closed")
    closing, given = run.round.snapshot_sha256, run.proof.get("data")
    if told is None or closing is None or given is None:
        return told
    return bool(given.startswith(closing))
