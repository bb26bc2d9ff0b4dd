"""Half-days and parcours for the tests: a préfecture, a DDTM and a company in one week."""

from models import Day, HostKind, OfferKind, Sector, Span, store_days
from tests import factories as f
from tests.services.seasons import Season

AM, PM = Span(540, 720), Span(780, 960)


def half_days(season, host, weekdays, seats, *, week=0, **fields):
    """Half-days of a host on these weekdays, morning and afternoon."""
    days = store_days([Day(one, AM, PM) for one in weekdays])
    return f.offer(
        season.session,
        season.campaign,
        host,
        {season.weeks[week]: seats},
        title=fields.pop("title", f"Demi-journées de {host.name}"),
        kind=OfferKind.HALF_DAYS,
        days=days,
        **fields,
    )


class Week(Season):
    """A season whose first week has half-days at three hosts, all days covered."""

    def __init__(self, session, **states):
        super().__init__(session, **states)
        state = {"kind": HostKind.STATE}
        self.prefecture = f.host(session, self.territory, "Préfecture", **state)
        self.ddtm = f.host(session, self.territory, "DDTM", **state)
        self.company = f.host(session, self.territory, "Biocoop")
        public = {"sector": Sector.PUBLIC_SERVICE}
        self.first = half_days(self, self.prefecture, (0, 1), 2, **public)
        self.middle = half_days(self, self.ddtm, (2,), 3, **public)
        self.last = half_days(self, self.company, (3, 4), 3, sector=Sector.RETAIL)
        session.commit()
