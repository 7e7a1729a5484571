"""The pull of parameter_data: all devices of all lists for one day, one file per logger node.

The asset calls ``pull_parameters`` and reports its result. How a file is pulled belongs to ``day_file``.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger, utc_now
from gmpsai_assets.acnet.errors import AcnetError, TransientError
from gmpsai_assets.acnet.parameter_lists import Parameter, ParameterList
from gmpsai_assets.fetch.asking.ask import Asking
from gmpsai_assets.fetch.collect import Request
from gmpsai_assets.fetch.day_file import DayFile, Manner
from gmpsai_assets.fetch.drafts import remove_leftovers
from gmpsai_assets.fetch.outcome import Failure, Outcome, PullFailedError
from gmpsai_assets.fetch.progress import ProgressFile
from gmpsai_assets.fetch.publishing import nothing_at_all, publish_pulled
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.revisions import Published
from gmpsai_assets.lake.schemas import PARAMETER_DATA

_LOG = logging.getLogger(__name__)

Rates = dict[Parameter, float | None]


def list_of(parameter: Parameter, lists: Sequence[ParameterList]) -> ParameterList:
    """The list that says how a parameter is recorded: the first that names it."""
    return next(each for each in lists if parameter in each.parameters)


def nominal_rates(
    datalogger: DataLogger, parameters: Sequence[Parameter], lists: Sequence[ParameterList]
) -> Rates:
    """The nominal rate of each parameter in Hz; None where nobody says one.

    The service is asked, once for each parameter, only where a list says nothing. Then None means that the logger
    keeps a sample when something happens, that it does not know the device, or that no answer came: samples are
    pulled all the same, but no number of them is expected.
    """
    rates: Rates = {each: list_of(each, lists).nominal_rate_hz for each in parameters}
    for parameter in [each for each, rate in rates.items() if rate is None]:
        try:
            rates[parameter] = _logged_rate(datalogger, parameter)
        except AcnetError as error:
            _LOG.warning("the rate of %s stays unknown: %s", parameter, error)
            if isinstance(error, TransientError):
                break  # the service does not answer now; the pull itself will tell
    return rates


def _logged_rate(datalogger: DataLogger, parameter: Parameter) -> float | None:
    """The fastest periodic list of the parameter's node: the one that answers where none is named."""
    node = parameter.node.casefold()
    lists = datalogger.logger_lists(parameter.device)
    periodic = [each.nominal_rate_hz for each in lists if each.node.casefold() == node]
    return max((rate for rate in periodic if rate is not None), default=None)


@dataclass(frozen=True)
class ParameterPull:
    """A published day of parameters.

    Attributes:
        day: the partition key.
        outcomes: by logger node, what each device gave, in list order.
        files: all published files of the day.
        publication: what became of the file of each node: published, unchanged, or replaced with what difference.
    """

    day: str
    outcomes: dict[str, tuple[Outcome, ...]]
    files: tuple[Path, ...]
    publication: tuple[Published, ...]


def pull_parameters(  # noqa: PLR0913 (what is pulled, and beside it how, by keyword)
    datalogger: DataLogger,
    lake: Lake,
    day: str,
    lists: Sequence[ParameterList],
    *,
    connections: int,
    asking: Asking | None = None,
    allow_partial: bool = False,
    replace_with_less: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> ParameterPull:
    """Pull one day of all parameters and publish it, whole or not at all.

    A day that is published already is united with what came, so that no published sample is lost. If nothing was
    added nothing changes; otherwise the older file is kept as a revision.

    Args:
        datalogger: what is asked.
        lake: where the day is published.
        day: the partition key.
        lists: what is recorded.
        connections: requests that may run at a time.
        asking: how patiently each device is asked for.
        allow_partial: publish what there is, marked partial, where something could not be fetched.
        replace_with_less: publish what the service has now, even where more is published.
        now: tells the present moment, aware; the files say when their pull was begun.

    Raises:
        PullFailedError: some devices failed; all others are kept as drafts for the next try.
        DayNotStoredError: the disk is full or not writable; what was published before is intact.
    """
    manner = Manner(connections, asking, allow_partial, replace_with_less, now)
    nodes = parameters_by_node(lists)
    total = sum(len(parameters) for parameters in nodes.values())
    outcomes: dict[str, tuple[Outcome, ...]] = {}
    failures: list[Failure] = []
    with (
        lake.publication(PARAMETER_DATA, day, keep_revisions=True) as publication,
        ProgressFile(lake.drafts, PARAMETER_DATA.name, day, total) as progress,
    ):
        remove_leftovers(lake, PARAMETER_DATA, max(each.kept_days for each in lists), now())
        for node, parameters in nodes.items():
            file = _node_file(datalogger, lake, day, node, parameters, lists)
            pulled = file.pull(publication.file(file.name), manner, progress)
            outcomes[node] = pulled.outcomes
            failures += pulled.failures
        reached = [outcome for each in outcomes.values() for outcome in each]
        failures = failures or nothing_at_all(reached, day_window(day))
        if failures:
            kept = {p.device: list_of(p, lists).kept_days for each in nodes.values() for p in each}
            raise PullFailedError(day, "parameters", total, failures, now=now(), kept_days=kept)
        published = publish_pulled(lake, PARAMETER_DATA, day, publication, reached)
    return ParameterPull(day, outcomes, tuple(lake.day_files(PARAMETER_DATA, day)), published)


def parameters_by_node(lists: Sequence[ParameterList]) -> dict[str, tuple[Parameter, ...]]:
    """The parameters of all lists by logger node, in list order; one in several lists comes once."""
    distinct = dict.fromkeys(parameter for each in lists for parameter in each.parameters)
    nodes = dict.fromkeys(parameter.node for parameter in distinct)
    return {node: tuple(p for p in distinct if p.node == node) for node in nodes}


def _node_file(
    datalogger: DataLogger,
    lake: Lake,
    day: str,
    node: str,
    parameters: Sequence[Parameter],
    lists: Sequence[ParameterList],
) -> DayFile[Parameter]:
    described = [{"name": each.name, "digest": each.digest} for each in lists if node in each.nodes]
    rates = nominal_rates(datalogger, parameters, lists)
    return DayFile(
        lake,
        PARAMETER_DATA,
        day,
        name=f"{node}.parquet",
        requests=[Request(each.device, each, rates[each]) for each in parameters],
        key=lambda parameter: parameter.device,
        fetch=datalogger.samples,
        origin={
            "node": node,
            "lists": described,
            "nominal_rates_hz": {each.device: rate for each, rate in rates.items()},
            "kept_days": {p.device: list_of(p, lists).kept_days for p in parameters},
            "source": datalogger.source,
        },
    )
