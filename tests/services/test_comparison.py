"""Runs side by side, against a recount in plain Python from what each run proposes."""

from collections import Counter
from statistics import mean, median

import pytest

from matching import Instance, Result, policy_named, verify
from matching.__main__ import main
from models import HostKind, Label, RunState, Sector, Source, assignments_of_run, runs_of_round
from tests import factories as f
from tests.services.seasons import Season
from web.services import campaigns, runs
from web.services.comparison import comparable, compare, compare_school
from web.services.errors import Gone, Refused
from web.services.freezing.scenario import PUBLIC, Scenario
from web.services.reach import distance_m
from web.services.run_files import run_file

NAMES = ["Publique", "Sans priorité", "Vœux seuls"]


@pytest.fixture
def season(session, sessions):
    """Two labels, a State service farther away, more pupils than places; three runs, done."""
    made = Season(session)
    state = f.host(session, made.territory, "Préfecture", HostKind.STATE)
    state.sites[0].lat += 0.05
    far = f.offer(
        session,
        made.campaign,
        state,
        {made.weeks[0]: 2},
        title="Préfecture",
        sector=Sector.PUBLIC_SERVICE,
    )
    sector = Sector.HERITAGE
    f.offer(session, made.campaign, made.host, {made.weeks[0]: 1}, title="Musée", sector=sector)
    for pupil in made.pupils[4:]:
        pupil.limit_km = 1
    f.wishes(session, made.pupils[6], made.wood)
    klass = f.school_class(session, made.campaign, made.other, made.weeks[:1], name="3e B")
    for number in range(4):
        f.wishes(session, f.pupil(session, klass, f"Autre{number}", "Nom"), made.wood, far)
    made.close()
    scenarios = (PUBLIC, Scenario(policy="no_priority"), Scenario(completion=False))
    for name, scenario in zip(NAMES, scenarios, strict=True):
        ask = {"by": made.by, "now": f.RUN_AT, "scenario": scenario, "name": name}
        runs.request_run(session, made.round.id, **ask)
    while runs.work_once(sessions.writing, lambda _: f.RUN_AT) is not None:
        pass
    session.expire_all()
    return made


@pytest.fixture
def latest(session, season):
    """The last stage of each run, by name."""
    found = session.scalars(runs_of_round(season.round.id)).all()
    return {run.name: run for run in reversed(found)}


@pytest.fixture
def found(session, season, latest):
    return compare(session, [run.id for run in latest.values()], season.territory.id)


def rows_of(session, run):
    return session.scalars(assignments_of_run(run.id)).all()


def recount(rows):
    """What a group of pupils obtains, from its assignments alone."""
    placed = [a for a in rows if a.offer_week]
    ranks = [a.rank for a in placed if a.source is Source.WISH]
    km = [round(distance_m(a.pupil.school, a.offer_week.offer.site) / 100) / 10 for a in placed]
    return {
        "pupils": len(rows),
        "placed": len(placed),
        "bands": (
            ranks.count(1),
            ranks.count(2) + ranks.count(3),
            sum(rank > 3 for rank in ranks),
            sum(a.source is Source.COMPLETION for a in placed),
            len(rows) - len(placed),
        ),
        "mean_rank": pytest.approx(mean(ranks), abs=0.001) if ranks else None,
        "worst_rank": max(ranks, default=None),
        "mean_km": pytest.approx(mean(km), abs=0.001) if km else None,
        "median_km": pytest.approx(median(km), abs=0.001) if km else None,
    }


def test_every_figure_is_that_of_the_assignments(session, season, found):
    assert [column.run.name for column in found.columns] == ["Publique", "Vœux seuls", NAMES[1]]
    assert [column.mark for column in found.columns] == ["A", "B", "C"]
    assert [column.everyone.bands[3] for column in found.columns] == [1, 0, 1]
    for column in found.columns:
        rows = rows_of(session, column.run)
        assert vars(column.everyone) == recount(rows)
        for label, school in ((Label.REP_PLUS, season.rep_plus), (Label.NONE, season.other)):
            mine = [a for a in rows if a.pupil.school_id == school.id]
            assert vars(column.label(label)) == vars(column.school(school.id)) == recount(mine)
        for klass in {a.pupil.school_class_id for a in rows}:
            mine = [a for a in rows if a.pupil.school_class_id == klass]
            assert vars(column.school_class(klass)) == recount(mine)

        offers = [a.offer_week.offer for a in rows if a.offer_week]
        sectors = Counter(offer.sector for offer in offers)
        kinds = Counter(offer.site.host.kind for offer in offers)
        assert {s: column.taken(s) for s in found.sectors} == {s: sectors[s] for s in found.sectors}
        assert {k: column.taken(k) for k in found.kinds} == {k: kinds[k] for k in found.kinds}
        assert column.details.state_places == kinds[HostKind.STATE]
        places = column.details.places
        priority = [a for a in rows if a.offer_week and a.pupil.school_id == season.rep_plus.id]
        assert (places.taken, places.priority, places.seats) == (len(offers), len(priority), 8)


def test_services_of_the_state_are_counted_for_each_group(session, season, found):
    def recounted(one):
        return tuple(
            sum(
                a.offer_week is not None
                and a.offer_week.offer.site.host.kind is HostKind.STATE
                and one(a.pupil)
                for a in rows_of(session, column.run)
            )
            for column in found.columns
        )

    *labels, everyone = found.by_label
    assert everyone.state == recounted(lambda pupil: True) != (0, 0, 0)
    schools = {"REP+": season.rep_plus.id, "Autres": season.other.id}
    for group in labels:
        assert group.state == recounted(lambda p, of=schools[group.name]: p.school_id == of)
        assert [one.placed for one in group.figures] == [
            column.school(schools[group.name]).placed for column in found.columns
        ]
    told = compare_school(session, found, season.other.id)
    assert [one.name for one in told.classes] == ["3e A", "3e B"]
    for group in told.classes:
        mine = recounted(
            lambda p, name=group.name: (p.school_id, p.school_class.name) == (season.other.id, name)
        )
        assert group.state == mine
    assert told.whole.state == tuple(map(sum, zip(*(c.state for c in told.classes), strict=True)))


def test_a_run_that_is_still_being_completed_is_not_compared(latest):
    first, second, other = latest.values()
    second.proof = {**second.proof, "first_run": first.id}
    assert comparable(latest.values()) == [second, other], "the second stage stands for both"
    second.state = RunState.RUNNING
    assert comparable(latest.values()) == [other], "some pupils still wait for their place"
    second.state = RunState.FAILED
    assert comparable(latest.values()) == [first, other]


def test_who_changes_is_counted_by_school_and_named_by_school(session, season, found):
    first = {a.pupil_id: a for a in rows_of(session, found.first.run)}
    assert found.same_data
    assert found.same_draw
    for other in found.others:
        second = {a.pupil_id: a for a in rows_of(session, other.run)}
        for school in (season.rep_plus, season.other):
            mine = [p for p, a in first.items() if a.pupil.school_id == school.id]
            pairs = [(first[p].offer_week_id, second[p].offer_week_id, p) for p in mine]
            counts = other.by_school[school.id]
            assert counts.shared == len(mine)
            assert counts.gained == sum(a is None and b is not None for a, b, _ in pairs)
            assert counts.lost == sum(a is not None and b is None for a, b, _ in pairs)
            assert counts.moved == sum(None not in (a, b) and a != b for a, b, _ in pairs)
            ranks = [(first[p].rank or 99, second[p].rank or 99) for a, b, p in pairs if a and b]
            assert counts.better == sum(after < before for before, after in ranks)
            assert counts.worse == sum(after > before for before, after in ranks)

            named = compare_school(session, found, school.id, other.mark)
            assert named.against is other
            assert {c.before.pupil_id for c in named.changes} == {p for a, b, p in pairs if a != b}
            assert all(c.after == second[c.before.pupil_id] for c in named.changes)
            assert [one.pupils for one in named.whole.figures] == [len(mine)] * 3


def test_the_price_of_priority_is_read_against_the_yardstick(session, season, found, latest):
    price = found.price
    assert price.yardstick.run == latest["Sans priorité"]
    by_label = dict(price.labels)
    for label, school in ((Label.REP_PLUS, season.rep_plus), (Label.NONE, season.other)):
        placed = [
            sum(1 for a in rows_of(session, c.run) if a.offer_week and a.pupil.school == school)
            for c in (price.column, price.yardstick)
        ]
        assert by_label.get(label, 0) == placed[0] - placed[1]
    assert price.lost == -sum(by_label.values())

    ids = [latest["Vœux seuls"].id, latest["Sans priorité"].id]
    assert compare(session, ids, season.territory.id).price is None, "other settings differ"


def test_two_to_four_runs_of_one_round_in_sight(session, season, latest):
    ids = [run.id for run in latest.values()]
    for asked in ([], ids[:1], ids[:1] * 2, [*ids, 8000, 8001]):
        with pytest.raises(Refused, match="deux à quatre"):
            compare(session, asked, season.territory.id)
    with pytest.raises(Gone):
        compare(session, [*ids, 8000], season.territory.id)
    with pytest.raises(Gone):
        compare(session, ids, f.territory(session, "35").id)
    found = compare(session, ids, season.territory.id)
    with pytest.raises(Gone):
        compare_school(session, found, 8000)


def test_data_that_changed_are_told(session, sessions, season, latest):
    season.pupils[0].limit_km = 3
    session.commit()
    late = runs.request_run(session, season.round.id, by=season.by, now=f.RUN_AT)
    runs.work_once(sessions.writing, lambda _: f.RUN_AT)
    session.expire_all()
    found = compare(session, [late.id, latest["Sans priorité"].id], season.territory.id)
    assert not found.same_data
    assert found.price is None


def test_each_run_is_verified_from_its_own_file(session, season, latest, tmp_path, capsys):
    for run in latest.values():
        path = tmp_path / f"{run.id}.npz"
        path.write_bytes(run_file(session, run.id))
        instance, result = Instance.from_npz(path), Result.from_npz(path)
        assert instance.sha256 == run.instance_sha256
        verify(instance, policy_named(run.policy), result)
        assert main(["verify", str(path)]) == 0
        assert str(season.pupils[0].id) not in instance.pupil_key.astype(str)
    capsys.readouterr()

    with pytest.raises(Gone):
        run_file(session, 8000)
    waiting = runs.request_run(session, season.round.id, by=season.by, now=f.RUN_AT)
    with pytest.raises(Refused, match="résultat"):
        run_file(session, waiting.id)


def test_a_comparison_asks_as_many_questions_whatever_its_size(session, sessions, season, latest):
    from tests.web.test_school import counted

    ids = [run.id for run in latest.values()]
    session.rollback()
    with counted(sessions) as few:
        compare(session, ids[:2], season.territory.id)
    session.rollback()
    with counted(sessions) as more:
        compare(session, ids, season.territory.id)
    assert len(more) == len(few) + 2, "who changes, places of the State; nothing a pupil"


def test_an_animator_may_choose_among_publishable_runs_only(session, season, latest):
    choose = {"by": season.by, "now": f.RUN_AT}
    campaigns.select_run(session, season.round.id, latest["Publique"].id, **choose)
    for name in NAMES[1:]:
        with pytest.raises(Refused):
            campaigns.select_run(session, season.round.id, latest[name].id, **choose)
        session.rollback()
    assert season.round.selected_run_id == latest["Publique"].id
