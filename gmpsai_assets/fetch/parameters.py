"""The pull of parameter_data: all devices of all lists for one day, one file per logger node.

The asset calls ``pull_parameters`` and reports its result. How a day is pulled belongs to ``publishing``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter, ParameterList
from gmpsai_assets.fetch.day_file import DayFile
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import Outcome
from gmpsai_assets.fetch.publishing import DayPull, pull_and_publish
from gmpsai_assets.fetch.rates import list_of, nominal_rates
from gmpsai_assets.fetch.subjects import Subject
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.revisions import Published
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets.lake.source import refuse_another_source


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


def pull_parameters(
    datalogger: DataLogger,
    lake: Lake,
    day: str,
    lists: Sequence[ParameterList],
    options: FetchOptions,
) -> ParameterPull:
    """Pull one day of all parameters and publish it, whole or not at all.

    A day that is published already is merged with what came, so that no published sample is lost. If nothing was
    added nothing changes; otherwise the older file is kept as a revision.

    Args:
        datalogger: what is asked.
        lake: where the day is published.
        day: the partition key.
        lists: what is recorded.
        options: how it is pulled.

    Raises:
        AnotherSourceError: the lake holds what another service has answered; nothing was asked.
        PullFailedError: some devices failed; all others are kept as drafts for the next try.
        DayNotStoredError: the disk is full or not writable; what was published before is intact.
    """
    refuse_another_source(lake.root, datalogger.source)
    nodes = parameters_by_node(lists)
    total = sum(len(parameters) for parameters in nodes.values())
    kept_days = {p.device: list_of(p, lists).kept_days for each in nodes.values() for p in each}
    pull = DayPull(PARAMETER_DATA, day, "parameters", total, kept_days)
    files = (
        _node_file(datalogger, lake, day, node, parameters, lists)
        for node, parameters in nodes.items()
    )
    outcomes, published = pull_and_publish(lake, pull, files, options)
    by_node = dict(zip(nodes, outcomes, strict=True))
    return ParameterPull(day, by_node, tuple(lake.day_files(PARAMETER_DATA, day)), published)


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
    rates = nominal_rates(datalogger, lake, day, parameters, lists)
    return DayFile(
        lake,
        PARAMETER_DATA,
        day,
        name=f"{node}.parquet",
        subjects=[
            Subject(each.device, each, rate.hertz, rate_findings=rate.findings)
            for each, rate in rates.items()
        ],
        key=lambda parameter: parameter.device,
        fetch=datalogger.samples,
        origin={
            "node": node,
            "lists": described,
            "nominal_rates_hz": {each.device: rate.hertz for each, rate in rates.items()},
            "rates_from": {each.device: rate.known_from for each, rate in rates.items()},
            "kept_days": {p.device: list_of(p, lists).kept_days for p in parameters},
            "source": datalogger.source,
        },
    )
