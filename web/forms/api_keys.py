"""The form of a key of the public interface."""

from wtforms import SelectField, StringField

from models import Network
from web.forms.base import BaseForm, at_most, required

NETWORKS = {network.value: network.label for network in Network}


class KeyForm(BaseForm):
    """What a key is for, and whose it is."""

    name = StringField(
        "À quoi sert cette clé ?", [required("ce que la clé permettra de relier"), at_most(100)]
    )
    network = SelectField("Réseau", choices=NETWORKS)

    def only_for(self, network: Network | None) -> "KeyForm":
        """An animator of one network makes keys for it alone."""
        if network is not None:
            self.network.choices = {network.value: network.label}
        return self
