"""The DataLogger as a Dagster resource: where it is and how patiently it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from gmpsai_assets import settings
from gmpsai_assets.acnet.client import LARGEST_REPLY_BYTES, AclClient
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList, read_parameter_lists
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.fetch.asking.limits import Asking
from gmpsai_assets.lake.day_store import Lake


class DataLoggerResource(dg.ConfigurableResource):
    """The ACL service of the laboratory, or an emulator of it: the protocol is the same."""

    url: str = Field(
        default="",
        description="Base URL of acl.pl. Empty: GMPSAI_ACL_URL, or else the emulator on loopback.",
    )
    parameter_lists: str = Field(
        default="",
        description="Folder of parameter lists. Empty: GMPSAI_PARAMETER_LISTS, or else the lists in the package.",
    )
    connect_timeout: float = Field(
        default=10.0, gt=0, description="Seconds to wait for a connection."
    )
    read_timeout: float = Field(
        default=60.0, gt=0, description="Seconds of silence within a reply."
    )
    total_timeout: float = Field(
        default=900.0, gt=0, description="Seconds that one whole reply may take."
    )
    max_reply_bytes: int = Field(
        default=LARGEST_REPLY_BYTES,
        ge=1 << 20,
        description="A longer reply is abandoned and its device refused, in bytes. A day of one device at 15 Hz is "
        "38 MB of text; raise this for a faster logger.",
    )
    attempts: int = Field(
        default=RetryPolicy.attempts,
        ge=1,
        le=20,
        description="How often a request is made in all while a passing fault answers it; the waits between double "
        "from 1 s up to 60 s.",
    )
    smallest_span_seconds: float = Field(
        default=Asking.smallest_span_seconds,
        ge=1,
        description="A window that fails is asked for in halves down to about this length, in seconds.",
    )
    most_requests: int = Field(
        default=Asking.most_requests,
        ge=1,
        description="After so many requests no further one is made for one device or event.",
    )
    most_repeats: int = Field(
        default=Asking.most_repeats,
        ge=0,
        description="Doubtful spans of one device or event that are asked for a second time; 0 believes every answer "
        "at once.",
    )
    longest_seconds: float = Field(
        default=Asking.longest_seconds,
        gt=0,
        description="After so many seconds no further request is made for one device or event.",
    )
    max_connections: int = Field(
        default=4,
        ge=1,
        le=32,
        description="Requests under way at a time, of all runs that share the data directory together. "
        "The timeline logger's small ones come on top, one at a time: it must not wait for a pull.",
    )

    @contextmanager
    def open(self, lake: Lake) -> Iterator[DataLogger]:
        """A connected DataLogger; its connections are closed at the end.

        Args:
            lake: all runs on it share the limit of connections.

        Raises:
            ServiceAddressError: the address cannot be one of a service.
        """
        client = AclClient(
            self.url or settings.acl_url(),
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            total_timeout=self.total_timeout,
            retry=RetryPolicy(attempts=self.attempts),
            max_reply_bytes=self.max_reply_bytes,
            max_connections=self.max_connections,
            shared_slots=lake.service_slots,
        )
        with client:
            yield DataLogger(client)

    def asking(self) -> Asking:
        """How patiently one device or event is asked for."""
        return Asking(
            smallest_span_seconds=self.smallest_span_seconds,
            longest_seconds=self.longest_seconds,
            most_requests=self.most_requests,
            most_repeats=self.most_repeats,
        )

    def lists(self) -> tuple[ParameterList, ...]:
        """The parameter lists.

        Raises:
            ParameterListError: a list holds something that is no device name; nothing is asked for then.
        """
        folder = self.parameter_lists or settings.parameter_lists_directory()
        return read_parameter_lists(Path(folder))
