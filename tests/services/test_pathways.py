"""Parcours: proposed, written by hand, opened, shared by pupils, broken and mended."""

import pytest

from models import (
    MessageKind,
    Offer,
    OfferKind,
    OfferState,
    Origin,
    Placement,
    RoundState,
    latest_messages,
    placements_of_host,
)
from tests import factories as f
from tests.services.pathways import Week, half_days
from web.services import catalogue, offer_changes, offers, publication, results
from web.services.errors import Gone, Refused
from web.services.freeze import freeze
from web.services.half_days import look_at, pool_of, propose, substitutes
from web.services.pathways import (
    Draft,
    approve_pathway,
    pathway_seen,
    save_pathway,
    start_pathway,
    steps_of,
    week_on,
    withdraw_pathway,
    write_proposals,
)
from web.services.platform_export import offers_csv, placements_csv
from web.services.replacing import seating_now

NOW = f.WISHES_TIME


def read_csv(data):
    return [line.split(";") for line in data.decode("utf-8-sig").splitlines()]


def told(session, kind):
    return [one for one in session.scalars(latest_messages()) if one.kind is kind]


@pytest.fixture
def week(session):
    return Week(session, round_state=RoundState.PLANNED)


def monday(week):
    return week.weeks[0].monday


def pool(session, week, **options):
    return pool_of(session, week.territory.id, week.campaign.id, week.weeks[0].id, **options)


def proposed(session, week):
    return write_proposals(session, week.campaign, monday(week), 10, by=week.by, now=NOW)


def opened(session, week):
    (made,) = proposed(session, week).pathways
    return approve_pathway(session, made.id, week.campaign, by=week.by, now=NOW)


def draft_of(pathway, **changes):
    known = {
        "title": pathway.title,
        "description": pathway.description,
        "seats": pathway.seats,
        "steps": {2 * s.weekday + s.half: s.key for s in pathway.steps},
    }
    return Draft(**known | changes)


def test_proposal_covers_the_week_and_uses_up_what_it_counts_on(session, week):
    made = proposed(session, week)
    (pathway,) = made.pathways
    assert (made.pupils, made.bound, made.proved) == (2, 2, True)
    assert (pathway.state, pathway.kind, pathway.seats) == (
        OfferState.DRAFT,
        OfferKind.PATHWAY,
        2,
    )
    assert pathway.host_names == "Préfecture, DDTM et Biocoop"
    assert len(pathway.steps) == 10
    assert len(pathway.timetable) == 5
    assert [one.left for one in pool(session, week)] == [0] * 4 + [1] * 6
    assert proposed(session, week).pathways == []


def test_half_days_alone_are_no_choice_and_a_parcours_is_one(session, week):
    pathway = opened(session, week)
    pupil = week.pupils[0]
    places = {place.title: place for place in catalogue.places_for(session, pupil)}
    assert set(places) == {"Menuiserie", "Mairie", pathway.title}
    place = places[pathway.title]
    assert place.host_name == "Préfecture, DDTM et Biocoop"
    assert place.pathway
    only = catalogue.catalogue(session, pupil, catalogue.Filters(pathways_only=True))
    assert [one.title for one in only.fitting] == [pathway.title]
    state = catalogue.catalogue(session, pupil, catalogue.Filters(state_only=True))
    assert [one.title for one in state.fitting] == [pathway.title]


def test_distance_is_to_the_farthest_step(session, week):
    week.company.sites[0].lat += 0.05
    session.commit()
    pathway = opened(session, week)
    (place,) = [p for p in catalogue.places_for(session, week.pupils[0]) if p.pathway]
    assert 7000 < place.metres < 8500
    line = results.farthest_m(week.pupils[0].school, pathway)
    assert line == place.metres


def test_two_parcours_never_overbook_a_half_day(session, sessions, week):
    one = opened(session, week)
    steps = {2 * s.weekday + s.half: s.key for s in one.steps}
    other = start_pathway(session, week.campaign, monday(week), steps[0], by=week.by, now=NOW)
    save_pathway(
        session,
        other.id,
        week.campaign,
        Draft("Second parcours", "Les mêmes structures.", 2, steps),
        by=week.by,
        now=NOW,
    )
    approve_pathway(session, other.id, week.campaign, by=week.by, now=NOW)
    for pupil in week.pupils[:4]:
        for wish in list(pupil.wishes):
            session.delete(wish)
        session.flush()
        f.wishes(session, pupil, one, other)
    session.commit()
    session.expire_all()  # the lists as they are stored
    week.review(sessions)
    frozen = freeze(session, week.round, "seed")
    assert frozen.instance.is_pathway.sum() == 2
    assert sorted(frozen.instance.seg_cap) == [2] * 4 + [3] * 6
    session.expire_all()
    publication.publish(session, week.round.id, by=week.by, now=f.PUBLISH_AT)
    welcomed = session.scalars(placements_of_host(week.company.id, week.campaign.id)).all()
    assert len(welcomed) == 2
    seats = seating_now(session, week.round)
    assert seats.left(week.pupils[6], one, one.weeks[0]) == 0
    assert seats.left(week.pupils[6], other, other.weeks[0]) == 0
    first, second = sorted(held.offer_week.offer_id for held in welcomed)
    assert {first, second} <= {one.id, other.id}
    counts = {m.recipient: m.params["pupils"] for m in told(session, MessageKind.RESULT_HOST)}
    assert counts["anne@example.org"] == 2 * 3


def test_withdrawn_step_breaks_the_parcours_and_a_substitute_mends_it(session, week):
    pathway = opened(session, week)
    f.wishes(session, week.pupils[6], pathway)
    spare = half_days(week, f.host(session, week.territory, "Ludothèque"), (3, 4), 1)
    session.commit()
    touched = offers.consequences(session, week.last)
    assert [pupil.id for pupil in touched.ranking] == [week.pupils[6].id]
    with pytest.raises(Refused, match="Un parcours compte sur ces demi-journées"):
        offer_changes.pause_offer(
            session, week.last.id, week.company.id, knowing=True, by=week.by, now=NOW
        )
    session.rollback()
    offers.withdraw_offer(session, week.last.id, week.company.id, knowing=True, by=week.by, now=NOW)
    session.refresh(pathway)
    assert pathway.state is OfferState.RETURNED
    assert "Biocoop a retiré" in pathway.return_reason
    assert [wish.offer_id for wish in week.pupils[6].wishes] == [pathway.id]
    assert told(session, MessageKind.PATHWAY_BROKEN)
    with pytest.raises(Refused, match="remplacez-la"):
        approve_pathway(session, pathway.id, week.campaign, by=week.by, now=NOW)
    session.rollback()
    left = steps_of(session, pathway, week.campaign)
    ranked = substitutes(pool(session, week, but=pathway.id), left, 6, pathway.seats)
    assert [one.host.name for one in ranked] == ["Ludothèque"]
    steps = {one.slot: one.key for one in left}
    steps |= {one.slot: one.key for one in pool(session, week) if one.offer.id == spare.id}
    with pytest.raises(Refused, match="1 au plus"):
        save_pathway(
            session,
            pathway.id,
            week.campaign,
            draft_of(pathway, steps=steps),
            by=week.by,
            now=NOW,
        )
    session.rollback()
    save_pathway(
        session,
        pathway.id,
        week.campaign,
        draft_of(pathway, steps=steps, seats=1),
        by=week.by,
        now=NOW,
    )
    mended = approve_pathway(session, pathway.id, week.campaign, by=week.by, now=NOW)
    assert mended.state is OfferState.OPEN
    assert mended.host_names.endswith("et Ludothèque")


def test_what_a_week_lacks_is_said_and_refused(session, week):
    found = pool(session, week)
    look = look_at([one for one in found if one.weekday != 2])
    assert look.troubles == ("Mercredi : choisissez au moins une demi-journée.",)
    assert look_at(found).narrow.host.name == "Préfecture"
    begun = start_pathway(session, week.campaign, monday(week), found[0].key, by=week.by, now=NOW)
    with pytest.raises(Refused, match="Mardi : choisissez"):
        approve_pathway(session, begun.id, week.campaign, by=week.by, now=NOW)
    session.rollback()
    with pytest.raises(Refused) as refused:
        save_pathway(
            session,
            begun.id,
            week.campaign,
            draft_of(begun, steps={0: found[-1].key}),
            by=week.by,
            now=NOW,
        )
    assert refused.value.field == "slot-0"
    session.rollback()
    withdraw_pathway(
        session, begun.id, week.campaign, knowing=False, reason="", by=week.by, now=NOW
    )
    with pytest.raises(Gone):
        pathway_seen(session, begun.id, week.campaign)


def test_another_territory_sees_no_parcours(session, week):
    opened(session, week)
    elsewhere = f.campaign(session, f.territory(session, "85"))
    session.commit()
    pathway = session.query(Offer).filter_by(kind=OfferKind.PATHWAY).one()
    with pytest.raises(Gone):
        pathway_seen(session, pathway.id, elsewhere)
    with pytest.raises(Gone):
        week_on(session, week.campaign, monday(week).replace(year=2030))


def test_nothing_to_compose_is_said_plainly(session, week):
    found = propose([])
    assert (found.weeks, found.offered, found.found.proved) == ((), 0, True)


def test_the_platform_reads_each_host_of_a_parcours_with_its_days(session, week):
    made = opened(session, week)
    offer = [line for line in read_csv(offers_csv(session, week.campaign)) if made.title in line]
    assert [(line[1], line[10]) for line in offer] == [
        ("Préfecture", "lundi matin, lundi après-midi, mardi matin, mardi après-midi"),
        ("DDTM", "mercredi matin, mercredi après-midi"),
        ("Biocoop", "jeudi matin, jeudi après-midi, vendredi matin, vendredi après-midi"),
    ]
    assert offer[1][12].startswith('"mercredi matin, 9 h – 12 h ')
    session.add(
        Placement(
            campaign_id=week.campaign.id,
            round=week.round,
            pupil=week.pupils[0],
            offer_week=made.weeks[0],
            origin=Origin.RUN,
            created_at=NOW,
        )
    )
    session.flush()
    places = read_csv(placements_csv(session, week.campaign))
    assert {line[6] for line in places[1:]} == {"Biocoop", "DDTM", "Préfecture"}
