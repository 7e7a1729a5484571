"""Processes of their own for tests that kill them or run several at once; what they do is written in the tests."""

import multiprocessing
from multiprocessing.context import ForkServerContext

_SLOW_TO_LOAD = ["gmpsai_assets.fetch.events", "gmpsai_assets.fetch.parameters"]


def processes() -> ForkServerContext:
    """Starts processes from the server that has loaded the slow modules once, in a few milliseconds each.

    There is one server for all tests, and it loads only what is named before it starts: so it is named here alone.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_SLOW_TO_LOAD)
    return context
