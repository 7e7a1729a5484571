"""Settings of resources are shown in the UI and kept with each run, so none of them may hold a login.

A module of its own, since several resources have an address.
"""

from gmpsai_assets.acnet.addresses import without_secrets


class ShownLoginError(Exception):
    """An address with a login stands where it would be shown. No ValueError: pydantic would repeat the address."""


def refuse_shown_login(address: str, variable: str) -> str:
    """The address, if it holds nothing that must not be shown.

    Args:
        address: the value of a setting.
        variable: the environment variable that may hold a login.

    Raises:
        ShownLoginError: it does; the message does not repeat it.
    """
    if address not in ("", without_secrets(address), f"{without_secrets(address)}?acl="):
        msg = (
            f"an address with a login or a query ({without_secrets(address)}) cannot be a setting of a resource, which "
            f"is shown in the UI and kept with each run; put it into {variable}, and leave the setting empty"
        )
        raise ShownLoginError(msg)
    return address
