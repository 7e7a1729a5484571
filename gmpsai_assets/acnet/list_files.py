"""The files of parameter lists: which of a folder are lists, and how one becomes text.

People edit these folders on all kinds of systems, which leave files of their own there. What stands in a list belongs
to ``parameter_lists``.
"""

import codecs
import logging
from functools import cache
from pathlib import Path

_SUFFIX = ".txt"
_NOT_SHOWN = (".", "~$")
"""How names begin that no person has given: hidden files, of editors and of other systems, and the locks of Office."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_LOG = logging.getLogger(__name__)


class ParameterListError(ValueError):
    """A list that cannot be used; the message begins with the file and the line."""


def list_files(folder: Path) -> list[Path]:
    """The lists ``*.txt`` of a folder, sorted by name without ending; what is passed over is logged once a process.

    Raises:
        ParameterListError: the folder cannot be listed.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except NotADirectoryError as error:
        msg = f"{folder} is a file; GMPSAI_PARAMETER_LISTS names the folder that holds the lists"
        raise ParameterListError(msg) from error
    except FileNotFoundError as error:
        msg = f"{folder}: there is no such folder; check GMPSAI_PARAMETER_LISTS"
        raise ParameterListError(msg) from error
    except OSError as error:
        msg = f"{folder} cannot be listed ({error.strerror}); let the account of this process read and enter it"
        raise ParameterListError(msg) from error
    lists = [name for name in names if name.endswith(_SUFFIX) and not name.startswith(_NOT_SHOWN)]
    passed_over = [name for name in names if _SUFFIX in name.casefold() and name not in lists]
    if passed_over:
        _note_passed_over(folder, tuple(passed_over))
    return sorted((folder / name for name in lists), key=lambda path: path.stem)


@cache
def _note_passed_over(folder: Path, names: tuple[str, ...]) -> None:
    """Say it once a process: every asset reads the lists."""
    _LOG.warning(
        "%s: not read as parameter lists: %s; a list is named NAME%s, and its name does not begin with a dot",
        folder,
        ", ".join(names),
        _SUFFIX,
    )


def list_text(path: Path) -> str:
    """The text of a list, its lines ended by a line feed, without a byte order mark.

    Raises:
        ParameterListError: it is no file, cannot be read, or is no text in UTF-8; the message says what to do.
    """
    try:
        # Looked at first: to open a pipe would wait for whoever writes to it.
        what = None if path.is_file() else _what_it_is(path)
        content = b"" if what else path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); let the account of this process read it, or move it elsewhere"
        raise ParameterListError(msg) from error
    if what:
        msg = f"{path} is {what}, and a list is a text file; mend it, move it elsewhere, or give it another ending"
        raise ParameterListError(msg)
    if content.startswith(_UTF_16) or b"\0" in content:
        msg = f"{path} is written in UTF-16, or is no text; save it as UTF-8"
        raise ParameterListError(msg)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        msg = f"{path}:{line}: the byte 0x{content[error.start]:02x} is no UTF-8; save the list as UTF-8"
        raise ParameterListError(msg) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _what_it_is(path: Path) -> str:
    if path.is_symlink() and not path.exists():
        return f"a link to {path.readlink()}, which is not there"
    if path.is_dir():
        return "a folder"
    return "no ordinary file" if path.exists() else "not there"
