"""Other notations of a reply: line ends, blanks, a line before the rows, HTML around them.

Here replies that are already text are rewritten; which reply is rewritten is decided elsewhere.
"""

from collections.abc import Callable, Iterator

from gmpsai_assets.emulator.cache import Part

_TORN_EVERY = 1000


def _torn(text: bytes) -> bytes:
    """Every thousandth line loses its second half and its line end."""
    lines = text.splitlines(keepends=True)
    for place in range(_TORN_EVERY // 2, len(lines), _TORN_EVERY):
        lines[place] = lines[place][: len(lines[place]) // 2]
    return b"".join(lines)


_REWRITES: dict[str, Callable[[bytes], bytes]] = {
    "crlf": lambda text: text.replace(b"\n", b"\r\n"),
    "tabs": lambda text: text.replace(b" ", b"\t"),
    "torn": _torn,
    "spaces": lambda text: text.replace(b" ", b"    ").replace(b"\n", b"  \n"),
}
_BEFORE = {
    "warning": b"Warning: logger is not responding, rows may be missing\n",
    "preamble": b"Accelerator controls data logger\n",
    "pre": b"<html><body><pre>\n",
}
_AFTER = {
    "pre": b"</pre></body></html>\n",
    "aborted": b"ERROR: logger aborted\n",
}


def in_notation(parts: Iterator[Part], kinds: list[str]) -> Iterator[bytes]:
    """The pieces of a reply, rewritten in all the notations named."""
    for kind in kinds:
        if kind in _BEFORE:
            yield _BEFORE[kind]
    for part in parts:
        text = contents(part)
        for kind in kinds:
            if kind in _REWRITES:
                text = _REWRITES[kind](text)
        yield text
    for kind in kinds:
        if kind in _AFTER:
            yield _AFTER[kind]


def contents(part: Part) -> bytes:
    """The bytes of a piece; its file is closed."""
    if isinstance(part, bytes):
        return part
    with part.file:
        return part.file.read()
