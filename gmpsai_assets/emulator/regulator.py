"""The GMPS regulator of the minimum current, without a history.

The memo on the GMPS regulator system (fermilab-accelerator-ai/models) has

    VIMIN_t = B_VIMIN - alpha * IMINER_t - beta_t,    beta_t = beta_(t-1) + gamma * IMINER_t

A running sum needs its whole history and would wander off. Here beta is made first: a sum of slow
sinusoids, and a moving average of random pushes whose weights end at zero. IMINER is the step of
beta divided by gamma. So the law holds exactly at every tick, and beta stays bounded.
"""

import numpy as np

from gmpsai_assets.emulator.blocks import RecentResults
from gmpsai_assets.emulator.counter_random import Floats, normals, stream_key, uniforms
from gmpsai_assets.emulator.drift import slow_drift

GAMMA = 7.5350088e-5
ALPHA_PER_GAIN = 0.01
"""alpha is 8.5e-2 at a gain of 8.5 (memo), so a hundredth of the B:ACMNPG setting."""

_ERROR_STEP = 16 / 3200
_ERROR_PHASE = -1 / 3200
_ERROR_LIMIT = 9.705
_PUSH_SPREAD = 0.18
_SPIKE_CHANCE = 2.5e-4
_SPIKE = 20.0
_BETA_SPREAD = 0.0029
_BETA_SECONDS = 175.0


class Regulator:
    """The regulation error and its integral.

    Args:
        seed: seed of the simulation.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._weights = _push_weights()
        self._recent: RecentResults[tuple[Floats, Floats]] = RecentResults(4)

    def error_and_integral(self, first: int, count: int) -> tuple[Floats, Floats]:
        """IMINER before it is rounded, and beta, at ``count`` ticks from tick ``first``."""
        return self._recent.get((first, count), lambda: self._compute(first, count))

    def current(self, setting: Floats, gain: Floats, first: int) -> Floats:
        """VIMIN by the law.

        Args:
            setting: B_VIMIN at each tick from ``first`` on.
            gain: B_ACMNPG at these ticks.
            first: first line tick.
        """
        error, integral = self.error_and_integral(first, setting.size)
        return setting - ALPHA_PER_GAIN * gain * error - integral

    def reported_error(self, first: int, count: int) -> Floats:
        """IMINER as its front end reports it: in steps of 16/3200, and limited."""
        error, _ = self.error_and_integral(first, count)
        steps = np.round((error - _ERROR_PHASE) / _ERROR_STEP)
        return np.clip(steps * _ERROR_STEP + _ERROR_PHASE, -_ERROR_LIMIT, _ERROR_LIMIT)

    def _compute(self, first: int, count: int) -> tuple[Floats, Floats]:
        reach = self._weights.size
        ticks = np.arange(first - reach, first + count, dtype=np.int64)
        pushes = normals(stream_key(self._seed, "B:IMINER", "push"), ticks) * _PUSH_SPREAD
        draws = uniforms(stream_key(self._seed, "B:IMINER", "spike"), ticks)
        far = np.flatnonzero(draws < _SPIKE_CHANCE)
        pushes[far] += (draws[far] / _SPIKE_CHANCE * 2 - 1) * _SPIKE
        kept = slice(reach, reach + count)
        fast = np.convolve(pushes, self._weights)[kept]
        summed = np.convolve(pushes, np.cumsum(self._weights))[kept]
        slow = slow_drift(
            self._seed,
            "beta",
            spread=_BETA_SPREAD,
            seconds=_BETA_SECONDS,
            first=first - 1,
            count=count + 1,
        )
        return fast + np.diff(slow) / GAMMA, slow[1:] + GAMMA * summed


def _push_weights() -> Floats:
    """Weights of the moving average behind IMINER; they add up to zero.

    An autoregression of order 3 with the published autocorrelations 0.8067, 0.4440, 0.0055, cut
    after 60 ticks, less a broad hump that carries its sum away.
    """
    lags = np.array([0.8067, 0.4440, 0.0055])
    matrix = np.array([[1, lags[0], lags[1]], [lags[0], 1, lags[0]], [lags[1], lags[0], 1]])
    terms = np.linalg.solve(matrix, lags)
    weights = np.zeros(60)
    weights[0] = 1.0
    for index in range(1, weights.size):
        for lag, term in enumerate(terms, start=1):
            if index >= lag:
                weights[index] += term * weights[index - lag]
    hump = np.sin(np.pi * (np.arange(weights.size) + 0.5) / weights.size)
    weights -= hump * (weights.sum() / hump.sum())
    normed: Floats = weights / np.sqrt(np.sum(weights**2))
    return normed
