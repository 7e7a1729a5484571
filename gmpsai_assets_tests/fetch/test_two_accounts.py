"""A day that one account of a group began to pull is ended by another one, and pulled again by the first."""

from collections.abc import Callable
from functools import partial

import pytest

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets_tests.accounts import FIRST, SECOND, as_account, assert_shared, group_folder

DAY = "2026-03-10"


def _pull(lake: Lake, url: str, lists: tuple[ParameterList, ...], what: str) -> None:
    once = RetryPolicy(attempts=1)
    with AclClient(url, retry=once, shared_slots=lake.service_slots) as client:
        pull = pull_parameters(DataLogger(client), lake, DAY, lists, FetchOptions(connections=1))
        assert [each.what for each in pull.publication] == [what]


def test_the_second_account_completes_the_drafts_of_the_first_and_the_first_pulls_again(
    laboratory: EmulatorService, lists: Callable[..., tuple[ParameterList, ...]]
) -> None:
    listed = lists("# rate: 15 Hz,B:VIMIN,B:VIMAX")
    with group_folder() as folder:
        lake = Lake(folder / "data")
        pull = partial(_pull, lake, laboratory.url, listed)
        laboratory.set_faults("http-500,device=B:VIMAX")
        with pytest.raises(AssertionError, match=PullFailedError.__name__):
            as_account(FIRST, lambda: pull("nothing"))
        assert_shared(folder)
        assert len(list(lake.drafts.rglob("*.arrow"))) == 1
        laboratory.set_faults("http-500,device=B:VIMIN")  # which it takes from the draft
        as_account(SECOND, lambda: pull("published"))
        assert_shared(folder)
        assert list(lake.drafts.rglob("*.arrow")) == []
        laboratory.set_faults()
        as_account(FIRST, lambda: pull("unchanged"))
