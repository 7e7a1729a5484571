"""Other notations of a reply: line ends, blanks, a line before the rows, HTML around them.

Here replies that are already text are rewritten; which reply is rewritten is decided elsewhere.
"""

from collections.abc import Callable, Iterator

from gmpsai_assets.emulator.cache import Part

_REWRITES: dict[str, Callable[[bytes], bytes]] = {
    "crlf": lambda text: text.replace(b"\n", b"\r\n"),
    "tabs": lambda text: text.replace(b" ", b"\t"),
    "spaces": lambda text: text.replace(b" ", b"    ").replace(b"\n", b"  \n"),
}
_BEFORE = {
    "preamble": b"Accelerator controls data logger\n",
    "pre": b"<html><body><pre>\n",
}
_AFTER = {"pre": b"</pre></body></html>\n"}


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
