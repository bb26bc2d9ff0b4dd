"""Campaigns at each step of their life, for the tests of the services and of the pages."""

from datetime import timedelta

from models import CampaignState, Label, RoundState
from tests import factories as f
from web.services import campaigns, runs

SECRET = "0123456789abcdef" * 4


class Season:
    """A territory with two schools, two offers of three seats and seven pupils.

    Four REP+ pupils and two others want « Menuiserie » then « Mairie »; one more has no wish.
    """

    def __init__(self, session, departement="44", **states):
        self.session = session
        self.territory = f.territory(session, departement)
        where = "" if departement == "44" else departement
        states = {
            "state": CampaignState.OFFERS_OPEN,
            "round_state": RoundState.PLANNED,
        } | states
        self.campaign = f.campaign(session, self.territory, **states)
        self.round = self.campaign.rounds[0]
        self.round.secret = None
        self.weeks = f.weeks_of(session, self.campaign)
        self.rep_plus = f.school(session, self.territory)
        self.other = f.school(session, self.territory, Label.NONE, name="Collège Simone-Veil")
        self.host = f.host(session, self.territory)
        self.wood = f.offer(
            session, self.campaign, self.host, {self.weeks[0]: 2}, title="Menuiserie"
        )
        self.town = f.offer(session, self.campaign, self.host, {self.weeks[0]: 3}, title="Mairie")
        self.guardian = f.guardian(session)
        self.pupils = self._pupils()
        for pupil in self.pupils[:-1]:
            f.wishes(session, pupil, self.wood, self.town)
        self.head = f.head(session, self.rep_plus, email=f"direction{where}@example.org")
        self.team = f.host_member(session, self.host, email=f"atelier{where}@example.org")
        self.animator = f.animator(session, self.territory)
        session.commit()

    def _pupils(self):
        first = f.school_class(self.session, self.campaign, self.rep_plus, self.weeks[:1])
        second = f.school_class(self.session, self.campaign, self.other, self.weeks[:1])
        classes = [first] * 4 + [second] * 3
        return [
            f.pupil(
                self.session,
                klass,
                f"Élève{number}",
                f"Nom{number}",
                guardian=self.guardian if number < 2 else None,
            )
            for number, klass in enumerate(classes)
        ]

    @property
    def by(self):
        return self.animator.account_id

    def close(self):
        """Up to the closing of the wishes; the draw is the same whenever the tests run."""
        self.round.secret = self.round.secret or SECRET
        campaigns.advance(self.session, f.WISHES_OPEN)
        campaigns.advance(self.session, f.WISHES_CLOSE)
        return self

    def review(self, sessions):
        """Up to the review, with its run done and preselected."""
        self.close()
        campaigns.advance(self.session, f.RUN_AT)
        runs.work_once(sessions.writing, lambda _: f.RUN_AT)
        campaigns.advance(self.session, f.RUN_AT + timedelta(minutes=1))
        return self


def freeze_waiting(session, sessions, at=f.RUN_AT):
    """Let a worker take the runs that wait and freeze what they are given; return its tasks."""
    session.rollback()
    tasks = []
    while True:
        with sessions.writing() as worker:
            task = runs.claim_run(worker, now=at)
        if task is None:
            break
        tasks.append(runs.prepare_run(sessions.writing, lambda _: at, task))
    session.expire_all()
    return tasks
