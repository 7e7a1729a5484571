"""Which addresses one platform uses, chosen together before anything starts.

How a port is held belongs to ``ports``; who listens there is started by ``command``.
"""

from dataclasses import dataclass

from gmpsai_assets import settings
from gmpsai_assets.launch.ports import HeldPort, hold_port


@dataclass(frozen=True)
class Addresses:
    """The ports of one platform, and the DataLogger it asks.

    Attributes:
        ui: port of the Dagster UI.
        site: port of the plot site.
        emulator: port of an emulator of its own; None where ``GMPSAI_ACL_URL`` names a service.
        acl_url: base URL of acl.pl.
    """

    ui: HeldPort
    site: HeldPort
    emulator: HeldPort | None
    acl_url: str


def choose_addresses(ui: int, site: int, emulator: int) -> Addresses:
    """The wanted ports, or for each that is taken the next one that is neither taken nor given out here.

    Raises:
        OSError: one of them, and the 50 after it, are taken.
    """
    ui_port, site_port = hold_port(ui), hold_port(site)
    named = settings.named_acl_url()
    if named is not None:
        return Addresses(ui_port, site_port, None, named)
    emulator_port = hold_port(emulator)
    url = settings.emulator_url(emulator_port.number)
    return Addresses(ui_port, site_port, emulator_port, url)
