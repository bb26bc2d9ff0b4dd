"""What the pages of a school share: who may open them, and which rows are hers."""

from flask import g

from models import Pupil, Role, SchoolClass, class_of_school, pupil_file, taught_by
from web.db import db
from web.permissions import me, only
from web.services.errors import Gone
from web.services.follow_up import FollowUp, follow_up, outline

team = only(Role.SCHOOL, Role.TEACHER)
heads = only(Role.SCHOOL)


def school_id() -> int:
    """The school of whoever looks."""
    found = me().school_id
    if found is None:
        raise Gone("Ce compte n’est rattaché à aucun collège.")
    return found


def own_classes() -> list[int] | None:
    """The classes that a main teacher sees; None for a head, who sees them all."""
    if me().role is not Role.TEACHER:
        return None
    if "taught" not in g:
        g.taught = [link.school_class_id for link in db().scalars(taught_by(me().id))]
    taught: list[int] = g.taught
    return taught


def followed() -> FollowUp:
    """The follow-up of her school, or of her classes."""
    return follow_up(db(), school_id(), own_classes())


def outlined() -> FollowUp:
    """The same without any pupil: the campaign and the classes."""
    return outline(db(), school_id(), own_classes())


def own_pupil(pupil_id: int) -> Pupil:
    """One pupil in her sight, else a 404."""
    return db().scalars(pupil_file(pupil_id, school_id(), own_classes())).one()


def own_class(class_id: int) -> SchoolClass:
    """One class in her sight, else a 404."""
    taught = own_classes()
    if taught is not None and class_id not in taught:
        raise Gone("Cette classe n’est pas la vôtre.")
    return db().scalars(class_of_school(class_id, school_id())).one()
