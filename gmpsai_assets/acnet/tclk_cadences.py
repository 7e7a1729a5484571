"""How often each TCLK event usually comes, in words.

The cadences are those of 27 June 2019, on which 93 events were seen (notebook data_wrangling_h5py-ms of
fermilab-accelerator-ai/models), and of hinsclk.htm of hardware_vogel. They follow the operating plan: a guide for
people, never a rule to judge data by. Rates that hold whatever is operated are in ``tclk``.
"""

_BEAM, _SPILL, _MUON = "while beam is on", "with slow spill", "with Muon operation"

_CADENCES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("15 Hz", (0x07, 0x0C, 0x0F, 0x18)),
    ("15 Hz less the cycles with beam", (0x11,)),
    ("every 1 s exactly, by GPS", (0x8F,)),
    (
        "every 1 s, locked to the line",
        (0x10, 0x12, 0x17, 0x1A, 0x1B, 0x1E, 0x1F, 0x4C, 0x53, 0x72, 0x7E, 0x7F, 0xBA),
    ),
    ("every 1 s when in use", (0x0A, 0x52)),
    ("every 5 s", (0x02,)),
    (
        "about every 10 s",
        (0x22, 0x25, 0x26, 0x2A, 0x2F, 0x7B, 0x7D, 0xA1, 0xAC, 0xB2, 0xB4, 0xE3, 0xE6, 0xEF),
    ),
    (
        f"about every 10 s {_BEAM}",
        (0x05, 0x0E, 0x19, 0x58, 0x7C, 0xB5, 0xBE, 0xDA, 0xE0, 0xE4, 0xED, 0xF1, 0xF7),
    ),
    ("once a supercycle", (0x00, 0x3C, 0xA2)),
    (
        f"once a supercycle {_SPILL}",
        (0x13, 0x20, 0x2C, 0x30, 0x31, 0x32, 0x35, 0x36, 0x37, 0x3A, 0x3B, 0x3D, 0x3F, 0xDE, 0xE2),
    ),
    (
        f"once a supercycle {_MUON}",
        (0x0B, 0x1C, 0x82, 0x83, 0x84, 0x86, 0x8C, 0x90, 0x92, 0x9A, 0x9F, 0xBD, 0xE9),
    ),
    (
        "irregular, often twice 67 ms apart",
        (0x24, 0x27, 0x38, 0x7A, 0x87, 0x88, 0xB3, 0xE7, 0xE8, 0xFA),
    ),
    ("bursts, every 0.74 s within", (0x34,)),
)

_BY_CODE = {code: cadence for cadence, codes in _CADENCES for code in codes}


def event_cadence(code: int) -> str | None:
    """How often an event usually comes; None where nothing is known."""
    return _BY_CODE.get(code)
