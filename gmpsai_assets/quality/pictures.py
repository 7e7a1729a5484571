"""Small pictures of a day for the Dagster UI, as PNG bytes.

Only drawing belongs here; which parameters are worth a picture is decided by the caller. What the drawing library
cannot draw is a ``NotDrawnError``, so that a day can go on without its picture.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gmpsai_assets.acnet.clock import Window

_COLUMNS = 600
_NAMED = 10
"""So many devices or events are named in an error."""
_FAR = 1e300
"""Sizes near the ends of a double are drawn in units of this, or of one over it: the library squares and subtracts."""
_NEAR = 1e150
"""The square root of _FAR: sizes up to it, and down to one over it, are drawn as they are."""
_CAUSE_COLOURS = {"source": "#2563a8", "request": "#c2410c", "slower tier": "#a16207"}

Envelope = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Start of each run of samples in seconds since 1970 UTC, its smallest and its largest value."""


class NotDrawnError(RuntimeError):
    """The drawing library failed; the day is as good as with its picture."""


@contextmanager
def _drawing(subjects: Sequence[str]) -> Iterator[None]:
    """Whatever the library raises inside becomes a NotDrawnError that names what was to be drawn."""
    try:
        yield
    except Exception as error:
        named = ", ".join(subjects[:_NAMED]) + (" and more" if len(subjects) > _NAMED else "")
        msg = f"{named} could not be drawn ({type(error).__name__}: {error})"
        raise NotDrawnError(msg) from error


def day_picture(
    names: Sequence[str], read: Callable[[str], pa.Table], window: Window, title: str
) -> bytes:
    """Draw the envelope (smallest and largest value of each slice of the day) of some parameters.

    Args:
        names: the parameters, from top to bottom.
        read: gives one parameter's ``time`` (timestamp[us, UTC]) and ``value`` (float64); one is in
            memory at a time.
        window: the day; its start is the origin of the abscissa.
        title: what is shown.

    Returns:
        A PNG, one strip chart under another, hours since local midnight along the abscissa.
    """
    strips = [envelope(read(name)) for name in names]
    with _drawing(names):
        return _day_picture(names, strips, window, title)


def _day_picture(
    names: Sequence[str], strips: Sequence[Envelope], window: Window, title: str
) -> bytes:
    # Imported here: drawing is rare and the library takes most of a second to load.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    height = 0.85 + 0.85 * len(names)
    figure = Figure(figsize=(8, height), dpi=80)
    FigureCanvasAgg(figure)
    # Margins in inches: to have the layout computed would take longer than to draw.
    margins = {"left": 0.125, "right": 0.985, "top": 1 - 0.35 / height, "bottom": 0.5 / height}
    axes = figure.subplots(
        len(names), 1, sharex=True, squeeze=False, gridspec_kw={**margins, "hspace": 0.12}
    )[:, 0]
    for axis, name, (seconds, low, high) in zip(axes, names, strips, strict=True):
        hours = (seconds - window.start.timestamp()) / 3600
        unit = drawn_unit(low, high)
        axis.fill_between(
            hours, low / unit, high / unit, linewidth=0.6, color="#2563a8", edgecolor="#2563a8"
        )
        shown = name if unit == 1 else f"{name}\n/ {unit:g}"
        axis.set_ylabel(shown, rotation=0, ha="right", va="center", fontsize=8)
        axis.tick_params(labelsize=7)
        axis.set_xlim(0, window.hours)
    axes[-1].set_xlabel("hours since local midnight", fontsize=8)
    figure.suptitle(title, fontsize=9)
    return _png(figure)


def drawn_unit(low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
    """What an envelope is divided by before it is drawn: 1, but for sizes near the ends of a double."""
    largest = max(-low.min(initial=0.0), high.max(initial=0.0))
    if largest > _NEAR:
        return _FAR
    return 1 / _FAR if 0 < largest < 1 / _NEAR else 1.0


def gap_picture(gaps: Sequence[Mapping[str, Any]], window: Window, title: str) -> bytes:
    """Draw when which device has no samples.

    Args:
        gaps: rows of the view ``gaps``: ``parameter``, ``start`` (aware), ``seconds``, ``cause``.
        window: the day; its start is the origin of the abscissa.
        title: what is shown.

    Returns:
        A PNG, one line a device, each gap a bar in the colour of its cause; a short one is drawn
        as wide as can be seen.
    """
    devices = list(dict.fromkeys(gap["parameter"] for gap in gaps))
    with _drawing(devices):
        return _gap_picture(devices, gaps, window, title)


def _gap_picture(
    devices: Sequence[str], gaps: Sequence[Mapping[str, Any]], window: Window, title: str
) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(8, 1.2 + 0.18 * len(devices)), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    narrowest = window.hours / _COLUMNS
    for cause, colour in _CAUSE_COLOURS.items():
        drawn = [gap for gap in gaps if gap["cause"] == cause]
        hours = [(gap["start"] - window.start).total_seconds() / 3600 for gap in drawn]
        widths = [max(gap["seconds"] / 3600, narrowest) for gap in drawn]
        places = [devices.index(gap["parameter"]) for gap in drawn]
        if drawn:
            axis.barh(places, widths, left=hours, height=0.7, color=colour, label=cause)
    axis.set_yticks(range(len(devices)), devices, fontsize=7)
    axis.set_ylim(len(devices) - 0.4, -0.6)
    axis.set_xlim(0, window.hours)
    axis.tick_params(axis="x", labelsize=7)
    axis.set_xlabel("hours since local midnight", fontsize=8)
    figure.legend(loc="outside upper right", ncols=len(_CAUSE_COLOURS), fontsize=7)
    figure.suptitle(title, fontsize=9, x=0.01, ha="left")
    return _png(figure)


def event_picture(
    names: Sequence[str], read: Callable[[str], pa.ChunkedArray], window: Window, title: str
) -> bytes:
    """Draw when which clock event came how often.

    Args:
        names: the events, from top to bottom; at least one.
        read: gives one event's times (timestamp[us, UTC]); those of one are in memory at a time.
        window: the day; its start is the origin of the abscissa.
        title: what is shown.

    Returns:
        A PNG, one line an event, the darker the more occurrences in that tenth of an hour (logarithmic).
    """
    slices = round(window.hours * 10)
    length = (window.end_microseconds - window.start_microseconds) // slices

    def counted(times: pa.ChunkedArray) -> NDArray[np.int64]:
        passed = times.to_numpy().view(np.int64) - window.start_microseconds
        return np.bincount(passed // length, minlength=slices)

    counts = np.vstack([counted(read(name)) for name in names])
    with _drawing(names):
        return _event_picture(names, counts, window, title)


def _event_picture(
    names: Sequence[str], counts: NDArray[np.int64], window: Window, title: str
) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.colors import LogNorm  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(8, 1.2 + 0.13 * len(names)), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    drawn = axis.imshow(
        np.ma.masked_equal(counts, 0),
        aspect="auto",
        interpolation="nearest",
        cmap="viridis_r",
        norm=LogNorm(1, max(2, int(counts.max()))),
        extent=(0, window.hours, len(names) - 0.5, -0.5),
    )
    axis.set_yticks(range(len(names)), names, fontsize=6)
    axis.tick_params(axis="x", labelsize=7)
    axis.set_xlabel("hours since local midnight", fontsize=8)
    figure.colorbar(drawn, ax=axis, label="in 6 minutes").ax.tick_params(labelsize=7)
    figure.suptitle(title, fontsize=9)
    return _png(figure)


def _png(figure: Any) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def envelope(rows: pa.Table, slices: int = _COLUMNS) -> Envelope:
    """Smallest and largest value in each of ``slices`` runs of neighbouring samples.

    Args:
        rows: columns ``time`` and ``value`` in order of time; nulls are left out.
        slices: how many runs; fewer where there are fewer samples.

    Returns:
        Start of each run in seconds since 1970 UTC, smallest and largest value.
    """
    rows = rows.drop_null()
    times = rows["time"].to_numpy().astype(np.int64)
    values = rows["value"].to_numpy()
    if not len(values):
        nothing = np.empty(0)
        return nothing, nothing, nothing
    starts = np.unique(np.linspace(0, len(values), slices, endpoint=False).astype(np.int64))
    return (
        times[starts] / 1e6,
        np.minimum.reduceat(values, starts),
        np.maximum.reduceat(values, starts),
    )
