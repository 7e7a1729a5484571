"""The rate that each parameter is logged at: as its list says, or else as the service names it.

What follows from a rate, or from not knowing it, is decided in ``asking`` and in the ledger.
"""

import logging
from collections.abc import Sequence

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.errors import AcnetError, TransientError
from gmpsai_assets.acnet.parameter_lists import Parameter, ParameterList

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
