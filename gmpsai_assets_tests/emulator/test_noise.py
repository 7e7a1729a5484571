"""Random numbers are a function of seed, stream and counter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.emulator.noise import (
    normals,
    random_bits,
    single_integer,
    stream_key,
    uniforms,
)


@settings(deadline=None)
@given(first=st.integers(-(2**40), 2**40), place=st.integers(0, 99))
def test_a_number_depends_on_its_counter_alone(first: int, place: int) -> None:
    counters = np.arange(first, first + 100, dtype=np.int64)
    alone = random_bits(7, counters[place : place + 1])
    assert random_bits(7, counters)[place] == alone[0]


def test_splitmix64_gives_its_published_first_numbers() -> None:
    # The generator adds the golden ratio before it mixes, so its n-th number has counter n.
    numbers = random_bits(1234567, np.arange(1, 4, dtype=np.int64))
    assert numbers.tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_uniforms_and_normals_have_their_moments() -> None:
    counters = np.arange(200_000, dtype=np.int64)
    flat = uniforms(stream_key(1, "flat"), counters)
    assert flat.min() >= 0
    assert flat.max() < 1
    assert flat.mean() == pytest.approx(0.5, abs=0.005)
    bell = normals(stream_key(1, "bell"), counters)
    assert bell.mean() == pytest.approx(0, abs=0.01)
    assert bell.std() == pytest.approx(1, abs=0.01)
    assert abs(np.corrcoef(bell[1:], bell[:-1])[0, 1]) < 0.01


def test_streams_differ_by_seed_and_by_name() -> None:
    keys = {stream_key(seed, name) for seed in range(5) for name in ("a", "b", "ab")}
    assert len(keys) == 15
    assert stream_key(1, "a", "b") != stream_key(1, "ab")


def test_an_integer_stays_below_its_bound() -> None:
    assert {single_integer(3, counter, 4) for counter in range(200)} == {0, 1, 2, 3}
