"""The options of a pull: how hard the service is asked, and what may be published.

None of them changes what a sample is. The defaults are written here and read everywhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gmpsai_assets.acnet.datalogger import utc_now


@dataclass(frozen=True)
class RequestLimits:
    """How much is asked for one device or event at most. The defaults are chosen, and stand in docs/faults.md.

    Attributes:
        smallest_span_seconds: a window that fails is cut in halves down to about this length, in seconds.
        longest_seconds: after so many seconds no further request is made for the subject.
        most_requests: nor after so many requests; a day in smallest spans takes 96, and about as many on the way.
        most_repeats: how many spans with findings are asked for again; a clean day has none.

    Raises:
        ValueError: no request or no span of a second is allowed.
    """

    smallest_span_seconds: float = 900.0
    longest_seconds: float = 3600.0
    most_requests: int = 250
    most_repeats: int = 16

    def __post_init__(self) -> None:
        if self.smallest_span_seconds < 1 or self.most_requests < 1 or self.most_repeats < 0:
            msg = f"a subject takes at least one request and spans of at least a second, got {self}"
            raise ValueError(msg)


@dataclass(frozen=True)
class FetchOptions:
    """The options of one pull.

    Attributes:
        connections: requests that may run at a time.
        limits: how much is asked for each device or event at most.
        allow_partial: publish what there is, marked partial, where something could not be fetched.
        replace_with_less: publish what the service has now, even where more is published.
        now: gives the present moment, aware; the files say when their pull was begun.
    """

    connections: int
    limits: RequestLimits = field(default_factory=RequestLimits)
    allow_partial: bool = False
    replace_with_less: bool = False
    now: Callable[[], datetime] = utc_now
