"""The DataLogger as a Dagster resource: where it is, and how much is asked of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field, field_validator

from gmpsai_assets import settings
from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList, read_parameter_lists
from gmpsai_assets.fetch.device_database import (
    DeviceDescriptions,
    descriptions_file,
    read_descriptions,
)
from gmpsai_assets.fetch.options import FetchOptions, RequestLimits
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.source import refuse_another_source
from gmpsai_assets.resources.secrets import refuse_shown_login


class DataLoggerResource(dg.ConfigurableResource):
    """The ACL service: the laboratory's own, or any other that speaks its protocol."""

    url: str = Field(
        default="",
        description="Base URL of acl.pl, without a login: it is shown. Empty: GMPSAI_ACL_URL, which may hold one.",
    )
    parameter_lists: str = Field(
        default="",
        description="Folder of parameter lists. Empty: GMPSAI_PARAMETER_LISTS, or else the lists in the package.",
    )
    max_connections: int = Field(
        default=4,
        ge=1,
        le=32,
        description="Requests under way at a time, of all runs that share the data directory together. "
        "The timeline logger's small ones come on top, one at a time: it must not wait for a pull.",
    )
    smallest_span_seconds: float = Field(
        default=RequestLimits.smallest_span_seconds,
        ge=1,
        description="A window that fails is asked for in halves down to about this length, in seconds.",
    )
    longest_seconds: float = Field(
        default=RequestLimits.longest_seconds,
        gt=0,
        description="After so many seconds no further request is made for one device or event.",
    )

    @field_validator("url")
    @classmethod
    def _has_no_login(cls, url: str) -> str:
        return refuse_shown_login(url, "GMPSAI_ACL_URL")

    def address(self) -> str:
        """The address of the service, perhaps with a login.

        Raises:
            ServiceAddressError: none is named.
        """
        return self.url or settings.acl_url()

    @contextmanager
    def open(self, lake: Lake) -> Iterator[DataLogger]:
        """A connected DataLogger; its connections are closed at the end.

        Args:
            lake: what will hold the answers; all runs on it share the limit of connections.

        Raises:
            ServiceAddressError: no service is named, or the address cannot be one.
            AnotherSourceError: the lake holds what another service has answered; nothing was asked.
        """
        client = AclClient(
            self.address(),
            max_connections=self.max_connections,
            shared_slots=lake.service_slots,
        )
        with client:
            refuse_another_source(lake.root, client.url)
            yield DataLogger(client)

    def options(
        self, *, allow_partial: bool = False, replace_with_less: bool = False
    ) -> FetchOptions:
        """The options of a pull.

        Args:
            allow_partial: publish what there is, marked partial, where something could not be fetched.
            replace_with_less: publish what the service has now, even where more is published.
        """
        limits = RequestLimits(
            smallest_span_seconds=self.smallest_span_seconds, longest_seconds=self.longest_seconds
        )
        return FetchOptions(
            self.max_connections,
            limits,
            allow_partial=allow_partial,
            replace_with_less=replace_with_less,
        )

    def lists(self) -> tuple[ParameterList, ...]:
        """The parameter lists.

        Raises:
            ParameterListError: a list holds something that is no device name; nothing is asked for then.
        """
        return read_parameter_lists(self._lists_folder())

    def descriptions(self, lake: Lake) -> DeviceDescriptions:
        """What is known of the devices, as far as the device database was read; the rest is built in."""
        folder = self._lists_folder()
        packaged = folder == settings.PACKAGED_LISTS
        return read_descriptions(descriptions_file(folder, lake.root, packaged=packaged))

    def _lists_folder(self) -> Path:
        written = self.parameter_lists
        default = settings.parameter_lists_directory
        return settings.path_of(written, "parameter_lists") if written else default()
