"""What the law lets a family ask: how the computation was used for it, an explanation, an appeal.

The four items of article R. 311-3-1-2 of the CRPA are written from what was really used: the
stored run, its policy, its draw, what was frozen for this pupil.
"""

import calendar
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from matching import Instance, Result, policy_named
from matching.draws import digest
from models import (
    Campaign,
    ExplanationRequest,
    Origin,
    Placement,
    Pupil,
    RequestKind,
    RequestState,
    Round,
    Run,
    campaign_by_id,
    decisions_of_pupil,
    last_placement,
    request_in_territory,
    requests_in_territory,
    requests_of,
    run_pupil,
    run_with_arrays,
)
from web.format import moment, number, plural
from web.services.errors import Gone, Refused
from web.services.figures import figures_of
from web.services.freeze import TIERS, label_of
from web.services.journal import record
from web.services.needs_access import needs_of
from web.services.reach import limit_m

LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """One of the four things that the law wants told; `ordered` follows the last line."""

    title: str
    lines: list[str]
    ordered: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LegalAnswer:
    """The four items for one pupil, and the round they are about."""

    round: Round
    items: list[Item]


def legal_answer(session: Session, pupil: Pupil) -> LegalAnswer:
    """The four items for a pupil; the same for her, her guardians and her head.

    Raises:
        Gone: nothing is published, so nothing was decided.
    """
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    turn = published_round(campaign)
    place = session.scalar(last_placement(pupil.id))
    run_id = place.run_id if place and place.run_id else turn.selected_run_id
    run = session.scalar(run_with_arrays(run_id)) if run_id else None
    row = session.scalar(run_pupil(run_id, pupil.id)) if run_id else None
    instance = Instance.from_npz(run.instance) if run and row else None
    at = row.row if row else 0
    said = session.scalars(decisions_of_pupil(place.round_id if place else turn.id, pupil.id))
    decided = [
        f"Une personne a décidé : {one.kind.label.lower()}, « {one.offer_week.offer.title} ». "
        f"Motif : {one.reason}"
        for one in said
    ]
    return LegalAnswer(
        turn,
        [
            Item("Le rôle du calcul", [*_role(place, run, instance, turn), *decided]),
            Item("Les données utilisées et d’où elles viennent", _data(pupil, instance, at)),
            Item(
                "Les critères appliqués",
                _parameters(pupil, campaign, run, instance, at),
                _criteria(pupil, campaign, run if instance else None),
            ),
            Item("Les opérations faites", _operations(run, instance, turn, at)),
        ],
    )


def published_round(campaign: Campaign) -> Round:
    """The last round whose results are out.

    Raises:
        Gone: none is.
    """
    done = [turn for turn in campaign.rounds if turn.published_at is not None]
    if not done:
        raise Gone("Aucun résultat n’est publié.")
    return done[-1]


def ask(
    session: Session, pupil: Pupil, kind: RequestKind, text: str, *, by: int, now: datetime
) -> ExplanationRequest:
    """Ask for an explanation or appeal; while one waits, asking again changes nothing.

    Raises:
        Gone: nothing is published. Refused: nothing is said, or too much.
    """
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    turn = published_round(campaign)
    said = "\n".join(text.split("\r\n")).strip()
    if not said:
        raise Refused("Écrivez votre question en une phrase ou deux.", "text")
    if len(said) > LONGEST:
        raise Refused(f"{len(said)} signes : {LONGEST} au plus.", "text")
    session.refresh(pupil, with_for_update={"of": Pupil})
    waiting = [
        one
        for one in session.scalars(requests_of(pupil.id))
        if one.kind is kind and one.state is RequestState.WAITING
    ]
    if waiting:
        if waiting[0].text != said:
            raise Refused("Une demande attend déjà sa réponse. Elle viendra avant l’échéance.")
        session.commit()
        return waiting[0]
    asked = ExplanationRequest(
        pupil_id=pupil.id,
        round_id=turn.id,
        kind=kind,
        state=RequestState.WAITING,
        text=said,
        asked_by_id=by,
        asked_at=now,
        due_on=a_month_after(now.date()),
    )
    session.add(asked)
    record(session, f"request.{kind.value}", f"pupil:{pupil.id}", by=by, now=now)
    session.commit()
    return asked


def answer(
    session: Session, request_id: int, territory_id: int, text: str, *, by: int, now: datetime
) -> ExplanationRequest:
    """Answer a family; an answer given is never replaced.

    Raises:
        Gone: not of this territory. Refused: nothing is said, or it is answered already.
    """
    asked = session.scalar(
        request_in_territory(request_id, territory_id).with_for_update(of=ExplanationRequest)
    )
    if asked is None:
        raise Gone("Cette demande n’existe pas.")
    said = "\n".join(text.split("\r\n")).strip()
    if asked.state is RequestState.ANSWERED:
        if asked.answer != said:
            raise Refused("Une réponse a déjà été donnée : elle reste.")
        session.commit()
        return asked
    if not said:
        raise Refused("Écrivez la réponse : la famille la lira telle quelle.", "text")
    asked.state, asked.answer = RequestState.ANSWERED, said
    asked.answered_by_id, asked.answered_at = by, now
    record(session, "request.answered", f"pupil:{asked.pupil_id}", by=by, now=now, request=asked.id)
    session.commit()
    return asked


def asked_by_family(session: Session, pupil_id: int) -> list[ExplanationRequest]:
    """What a family asked, newest first."""
    return list(session.scalars(requests_of(pupil_id)))


def asked_in_territory(session: Session, territory_id: int) -> list[ExplanationRequest]:
    """What the families of a territory asked, those to answer first."""
    return list(session.scalars(requests_in_territory(territory_id)))


def a_month_after(day: date) -> date:
    """The same day of the next month, or its last day: the legal delay of an answer."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _role(
    place: Placement | None, run: Run | None, instance: Instance | None, turn: Round
) -> list[str]:
    if place and place.origin is Origin.HAND:
        return ["Cette place a été donnée par une personne de l’équipe d’animation, à la main."]
    if run is None or instance is None:
        return ["Le calcul n’a pas été utilisé : cet élève n’en faisait pas partie."]
    until, at = moment(turn.review_until), turn.published_at
    return [
        "Un calcul a proposé une place, ou aucune, pour tous les élèves à la fois.",
        f"Une équipe a relu les propositions, et les collèges aussi, jusqu’au {until}.",
        f"Une personne a décidé de les publier, le {moment(at)}." if at else "",
    ]


def _data(pupil: Pupil, instance: Instance | None, row: int) -> list[str]:
    ranked = plural(len(pupil.wishes), "vœu classé", "vœux classés")
    lines = [
        f"{ranked} et les limites acceptées : donnés par l’élève et sa famille.",
        "La classe et ses semaines de stage : données par le collège.",
        "Le collège, sa position et son label : données publiques.",
        "Les places, leurs semaines et leur adresse : données par les structures d’accueil.",
        "Aucune note, adresse, nationalité ni situation familiale n’est utilisée.",
    ]
    if needs_of(pupil):
        lines.insert(
            1, "Les besoins d’accessibilité : donnés par un responsable légal, avec accord."
        )
    if instance is not None:
        arcs = instance.wish[row] >= 0
        others = int((arcs & instance.completion[row]).sum())
        wished, beyond = number(int(arcs.sum()) - others), number(others)
        lines.append(
            f"Pour cet élève, le calcul a comparé {wished} choix venant des vœux et {beyond} "
            "autres dans les limites ; un choix est une offre et une semaine."
        )
    return lines


def _parameters(
    pupil: Pupil, campaign: Campaign, run: Run | None, instance: Instance | None, row: int
) -> list[str]:
    label = label_of(pupil.school, campaign.season)
    lines = [
        f"Label du collège : {label.label}.",
        f"Distance au plus pour une autre place : {number(limit_m(pupil) / 1000)} km.",
    ]
    if run is None or instance is None:
        return lines
    policy = policy_named(run.policy)
    lines.append(f"Règle : {policy.name}. {policy.sentence}")
    key = int(instance.pupil_key[row])
    lines.append(
        f"Tirage : la clé de cet élève est {key}. Son numéro commence par "
        f"{digest(run.seed, key).hex()[:12]} ; le plus petit passe devant. Chacun peut le "
        "recalculer avec la graine publiée, page de la règle."
    )
    lines.append("Critères, dans l’ordre, chacun passant avant tous les suivants :")
    return lines


def _criteria(pupil: Pupil, campaign: Campaign, run: Run | None) -> list[str]:
    """The criteria that this pupil's tier meets, each said once."""
    if run is None:
        return []
    tier = TIERS[label_of(pupil.school, campaign.season)]
    mine = [one for one in policy_named(run.policy).criteria if one.tier in (None, tier)]
    return list(dict.fromkeys(one.sentence for one in mine))


def _operations(run: Run | None, instance: Instance | None, turn: Round, row: int) -> list[str]:
    if run is None or instance is None:
        return [f"Aucune. Les vœux étaient clos le {moment(turn.wishes_close_at)}."]
    known = figures_of(run)
    seats = known.seats if known else int(instance.cap.sum())
    held = f"{plural(instance.n, 'élève')}, {plural(seats, 'place')}"
    frozen = f"Le {moment(run.requested_at)}, les données ont été figées : {held}. "
    rule = "Le calcul a cherché, parmi toutes les façons de donner les places, la meilleure selon "
    lines = [
        f"Les vœux ont été figés à leur clôture, le {moment(turn.wishes_close_at)}.",
        frozen + f"Leur empreinte commence par {run.instance_sha256[:12]}.",
        rule + "les critères ci-dessus.",
    ]
    if run.finished_at:
        done = moment(run.finished_at)
        lines.append(f"Un second programme a contrôlé les promesses de la règle, le {done}.")
    if run.result is not None:
        lines.append(_outcome(instance, Result.from_npz(run.result), row))
    return lines


def _outcome(instance: Instance, result: Result, row: int) -> str:
    column = int(instance.column_of(result.choice)[row])
    if column < 0:
        return "Pour cet élève, le calcul n’a pas trouvé de place."
    if instance.completion[row, column]:
        return "Pour cet élève, le calcul a proposé une autre place, hors des vœux."
    return f"Pour cet élève, le calcul a proposé le vœu {int(instance.rank[row, column])}."
