"""The pull of parameter_data: all devices of all lists for one day, one file per logger node.

The asset calls ``pull_parameters`` and reports its result. How a file is pulled belongs to ``day_file``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter, ParameterList
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets.pull.collect import Request
from gmpsai_assets.pull.day_file import DayFile
from gmpsai_assets.pull.outcome import Failure, Outcome, PullFailedError
from gmpsai_assets.pull.progress import ProgressFile


@dataclass(frozen=True)
class ParameterPull:
    """A published day of parameters.

    Attributes:
        day: the partition key.
        outcomes: by logger node, what each device gave, in list order.
        files: one per node.
    """

    day: str
    outcomes: dict[str, tuple[Outcome, ...]]
    files: tuple[Path, ...]


def pull_parameters(
    datalogger: DataLogger,
    lake: Lake,
    day: str,
    lists: Sequence[ParameterList],
    *,
    connections: int,
) -> ParameterPull:
    """Pull one day of all parameters and publish it, whole or not at all.

    Raises:
        PullFailedError: some devices failed; all others are kept as drafts for the next try.
        OSError: the disk is full or not writable; what was published before is intact.
    """
    nodes = parameters_by_node(lists)
    total = sum(len(parameters) for parameters in nodes.values())
    wanted = {
        node: _node_file(datalogger, lake, day, node, parameters, lists)
        for node, parameters in nodes.items()
    }
    outcomes: dict[str, tuple[Outcome, ...]] = {}
    failures: list[Failure] = []
    with (
        ProgressFile(lake.drafts, PARAMETER_DATA.name, day, total) as progress,
        lake.publication(PARAMETER_DATA, day) as publication,
    ):
        for node, file in wanted.items():
            path = publication.file(f"{node}.parquet")
            pulled = file.pull(path, connections=connections, progress=progress)
            outcomes[node] = pulled.outcomes
            failures += pulled.failures
        if failures:
            raise PullFailedError(day, "parameters", total, failures)
    for file in wanted.values():
        file.drafts.remove()
    return ParameterPull(day, outcomes, tuple(lake.day_files(PARAMETER_DATA, day)))


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
    rates = {p.device: _nominal_rate(p, lists) for p in parameters}
    return DayFile(
        lake,
        PARAMETER_DATA,
        day,
        requests=[Request(parameter.device, parameter) for parameter in parameters],
        key=lambda parameter: parameter.device,
        fetch=datalogger.samples,
        origin={
            "node": node,
            "lists": described,
            "nominal_rates_hz": rates,
            "source": datalogger.source,
        },
    )


def _nominal_rate(parameter: Parameter, lists: Sequence[ParameterList]) -> float:
    return next(each.nominal_rate_hz for each in lists if parameter in each.parameters)
