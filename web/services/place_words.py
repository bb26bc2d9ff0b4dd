"""How a place came to a pupil, in the words of a list: a wish, another place, whose decision."""

from models import Offer, Origin, Pupil
from web.services.reach import distance_m, limit_m


def beyond_limits(pupil: Pupil, offer: Offer) -> bool:
    """Whether a place is further, or of another trade, than the family accepted in advance.

    Only a second computation gives one, when nothing else remained.
    """
    return (
        distance_m(pupil.school, offer.site) > limit_m(pupil)
        or offer.family.value in pupil.refused_families
    )


def rank_words(pupil: Pupil, offer: Offer, rank: int | None, origin: Origin = Origin.RUN) -> str:
    """« vœu 3 », or where a place outside the list comes from."""
    if origin is not Origin.RUN:
        return origin.label.lower()
    if rank:
        return f"vœu {rank}"
    return "autre place, hors limites" if beyond_limits(pupil, offer) else "autre place acceptée"
