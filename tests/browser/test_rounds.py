"""The animator's whole road: three policies, five places kept, two rounds, an empty list."""

from playwright.sync_api import expect

from models import last_placement
from tests import factories as f
from tests.browser.audit import audit
from tests.services.seasons import Season
from web.services import answers, campaigns, runs


def work(sessions, moment):
    while runs.work_once(sessions.writing, lambda _: moment):
        pass


def press(page, name):
    page.get_by_role("button", name=name).click()


def january_season(session):
    """Five seats in January for six pupils."""
    season = Season(session)
    january = season.weeks[2]
    season.wood.weeks[0].week = season.town.weeks[0].week = january
    for klass in {one.school_class for one in season.pupils}:
        klass.weeks = [january]
    season.pupils[6].left_at = f.WISHES_OPEN
    session.commit()
    return season.close()


def compare_three_policies(desk, session, sessions, clock):
    clock.move_to(f.WISHES_CLOSE)
    for rule in ("Sans priorité", "Personne au dernier vœu"):
        desk.goto("/animation/calculs/nouveau")
        desk.get_by_label(rule).check()
        press(desk, "Calculer ce scénario")
    campaigns.advance(session, f.RUN_AT)
    clock.move_to(f.RUN_AT)
    work(sessions, f.RUN_AT)
    campaigns.advance(session, f.RUN_AT)
    desk.goto("/animation/calculs")
    boxes = desk.locator("input[name=calcul]")
    assert boxes.count() == 3
    for box in boxes.all():
        box.check()
    press(desk, "Comparer les calculs cochés")
    expect(desk.locator("h1")).to_contain_text("Comparer")


def keep_five_and_the_rest(desk, sessions):
    desk.goto("/animation/relecture?q=nom")
    boxes = desk.locator("input[name=eleve]")
    assert boxes.count() == 5
    for box in boxes.all():
        box.check()
    press(desk, "Garder les places cochées")
    desk.get_by_label("Motif").fill("Ces places conviennent aux familles.")
    press(desk, "Garder ces places")
    press(desk, "Recalculer en gardant le reste")
    work(sessions, f.RUN_AT)
    desk.reload()
    desk.get_by_role("link", name="Voir qui change de place").click()
    expect(desk.locator("main")).to_contain_text("aucun élève ne change")
    press(desk, "Retenir ce calcul")


def one_declines(session, season):
    session.expire_all()
    place = session.scalars(last_placement(season.pupils[0].id)).one()
    answers.decline_place(
        session,
        place.pupil_id,
        place.id,
        answers.DeclineReason.TRIP,
        by=season.by,
        now=f.PUBLISH_AT,
    )


def publish(desk, clock, moment):
    clock.move_to(moment)
    desk.goto("/animation/publication")
    press(desk, "Publier maintenant")


def second_round(desk, session, sessions, clock, campaign_rounds):
    campaigns.advance(session, f.ANSWERS_UNTIL)
    clock.move_to(f.ANSWERS_UNTIL)
    audit(desk, "/animation/tours/nouveau")
    press(desk, "Prévoir ce tour")
    session.expire_all()
    turn = campaign_rounds()[-1]
    for moment in (turn.wishes_open_at, turn.wishes_close_at, turn.run_at):
        campaigns.advance(session, moment)
    work(sessions, turn.run_at)
    campaigns.advance(session, turn.run_at)
    moment = turn.publish_at
    session.commit()
    publish(desk, clock, moment)


def test_from_three_simulations_to_an_empty_list(visit, session, sessions, clock):
    season = january_season(session)
    desk = visit("desk", season.animator)
    compare_three_policies(desk, session, sessions, clock)
    keep_five_and_the_rest(desk, sessions)
    publish(desk, clock, f.PUBLISH_AT)
    one_declines(session, season)
    audit(desk, "/animation/a-replacer")
    expect(desk.locator(".t-lead")).to_contain_text("2 élèves attendent une place")

    second_round(desk, session, sessions, clock, lambda: season.campaign.rounds)
    audit(desk, "/animation/a-replacer")
    expect(desk.locator(".t-lead")).to_contain_text("1 élève attend une place")
    desk.locator("main").get_by_role("link", name="Replacer").first.click()
    expect(desk.locator("main")).to_contain_text("Aucune place libre")
    f.offer(session, season.campaign, season.host, {season.weeks[2]: 1}, title="Fleuriste")
    session.commit()
    desk.reload()
    press(desk, "Donner cette place")
    expect(desk.locator(".t-lead")).to_contain_text("Plus aucun élève n’attend une place")
