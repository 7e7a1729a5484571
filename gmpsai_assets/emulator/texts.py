"""Short replies of the laboratory: timeline, readings, database texts, and errors.

Verbatim, as seen in public clients and their tests: the title and rows of ``all_event_info``,
``Supercycle length : 60.066666``, the form of readings, the logger list table, ``Invalid device
name (..) in read device command at line 0 - DIO_NO_SUCH``, ``Invalid read value variable (..) ..
CLIB_SYNTAX``, ``Error determining status text .. DIO_NOATT``, and the openings ``No values`` and
``No occurrences of event``.

Standing in for unknown text: what follows these two openings, every error of ``logger_get``,
``event_log``, ``tlg_info`` and ``show``, the refusal of a command, the five lines before the rows
of a 2026 event log and their title row, the labels of ``show/text/units/FTD`` (the columns are known), and web pages.
"""

from collections.abc import Iterable, Sequence

from gmpsai_assets.emulator.arrays import ListRow
from gmpsai_assets.emulator.devices import Device
from gmpsai_assets.emulator.recipes import Recipe
from gmpsai_assets.emulator.render import local_date_text

NO_VALUES = "No values found\n"

WEB_PAGE = (
    "<html><head><title>{title}</title></head><body><h1>{title}</h1>"
    "<p>Accelerator controls</p></body></html>\n"
)

ERROR_TEXTS = {
    "dio-no-such": (
        "Invalid device name ({device}) in read device command at line 0 - DIO_NO_SUCH\n"
    ),
    "clib-syntax": (
        "Invalid read value variable (..) specified in read_device command at line 1"
        " - CLIB_SYNTAX\n"
    ),
    "dio-noatt": (
        "Error determining status text in read device command at line 1 - {device} DIO_NOATT\n"
    ),
    "dpm-pend": "Error reading device in read device command at line 1 - {device} DPM_PEND\n",
    "message": "! message line of the service\n",
    "echo": "Error in command: {command}\n",
}
"""Error texts that a fault can ask for, by the name of the fault."""


def no_occurrences(event: int) -> str:
    """The reply for an event that was not seen in the window."""
    return f"No occurrences of event {event:02X} found\n"


def invalid_device(device: str, verb: str) -> str:
    """The reply for a device that does not exist."""
    what = "read device" if verb == "read" else verb
    return f"Invalid device name ({device}) in {what} command at line 0 - DIO_NO_SUCH\n"


def invalid_command(text: str) -> str:
    """The reply for anything that is not a known read-only command."""
    return f"Invalid command ({text}) specified at line 0 - CLIB_SYNTAX\n"


def invalid_qualifier(verb: str, name: str, value: str) -> str:
    """The reply for a qualifier that cannot be read."""
    return f"Invalid {name} ({value}) specified in {verb} command at line 0 - CLIB_SYNTAX\n"


def event_log_preamble(event: int, start: int, end: int) -> str:
    """Five lines and a title row; times in microseconds since 1970 UTC."""
    return (
        f"Event log\nEvent : {event:02X}\n\nStart : {local_date_text(start)}\n"
        f"Stop  : {local_date_text(end)}\nDate        Time          SC\n"
    )


def all_event_info(recipe: Recipe) -> str:
    """The timeline, one line per entry, and a blank line at the end."""
    lines = ["Event information :"]
    for index, entry in enumerate(recipe.entries, start=1):
        time = timeline_seconds(entry.tick / 15)
        lines.append(
            f"{index:3d}) Event : {entry.event:02X}  State ID : {entry.state_id:3d}"
            f"  Time :  {time:<6} Machine : {entry.machine}"
        )
    return "\n".join(lines) + "\n\n"


def timeline_seconds(seconds: float) -> str:
    """Four significant digits without a leading zero: ``.0667``, ``1.133``, ``59.87``, ``0``."""
    text = f"{seconds:.4g}"
    return text[1:] if text.startswith("0.") else text


def supercycle_seconds(length_ticks: int) -> str:
    """The length of a supercycle, cut after six decimals: ``60.066666`` for 901 ticks."""
    microseconds = length_ticks * 1_000_000 // 15
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"


def reading(device: str, value: str, unit: str, *, with_name: bool, with_unit: bool) -> str:
    """``M:OUTTMP       =  12.34 DegF``, or two blanks and the bare number."""
    name = f"{device:<15}=" if with_name else ""
    ending = f" {unit}" if with_unit and unit else ""
    return f"{name}  {value}{ending}\n"


def database_texts(device: Device, wanted: Iterable[str]) -> str:
    """``show/text/units/FTD``: text and unit from column 22, the rate in columns 26 to 32.

    Args:
        device: the device.
        wanted: which of the three lines; they come in this order whatever was asked for first.
    """
    rate = "15 Hz" if device.period_seconds is None else f"{device.period_seconds} Sec"
    name = device.array or device.name
    lines = {
        "text": f"{name + ' text':<19}= {device.text}\n",
        "units": f"{name + ' units':<19}= {device.unit}\n",
        "ftd": f"{name + ' FTD':<23}= {rate}\n",
    }
    return "".join(line for name, line in lines.items() if name in wanted)


def logger_lists(name: str, rows: Sequence[ListRow]) -> str:
    """``show/whereLogged`` and ``show/logger_lists``: the lists that hold what was asked for; columns fit the names."""
    width = max(8, *(len(row.name) for row in rows)) if rows else 8
    lines = [
        f"Logger lists containing {name} ({len(rows)}) :",
        " ",
        f"{'Name':<{width}} Node   List        Data Event",
        f"{'-' * width} ------ ----------- ----------------------------------------------",
        *(
            f"{row.name:<{width}} {row.node:<6} {row.rate:<8} {row.number:>2} {row.event}"
            for row in rows
        ),
    ]
    return "\n".join(lines) + "\n"
