"""The recorded replies of the ACL service that parsers are tested against."""

from pathlib import Path

_FOLDER = Path(__file__).with_name("samples")


def sample(name: str) -> bytes:
    """The bytes of ``samples/<name>.txt``."""
    return (_FOLDER / f"{name}.txt").read_bytes()


def error_lines() -> list[bytes]:
    """The error replies of ``samples/errors.txt``, one each."""
    return sample("errors").splitlines(keepends=True)
