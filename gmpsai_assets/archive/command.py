"""The command ``gmpsai tape``: what an operator does once with a tape path."""

import argparse
import sys

from gmpsai_assets import settings
from gmpsai_assets.archive.tape import tape_directory
from gmpsai_assets.archive.tape_mark import TapeError, make_default, mark_tape_path


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands of ``gmpsai tape``."""
    commands = parser.add_subparsers(dest="tape_command", required=True, metavar="COMMAND")
    text = (
        "Make a directory known as a tape path, once, by a small file in it. Days are archived only where that file "
        "is, so that a mount that is missing is noticed. The directory is made if it is not there; folders above it "
        "are not."
    )
    init = commands.add_parser(
        "init", help="make a directory known as a tape path", description=text
    )
    init.add_argument(
        "path",
        nargs="?",
        default="",
        help="the directory (default: GMPSAI_TAPE, or tape in the data directory)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked for; returns the exit code."""
    try:
        root = tape_directory(settings.tape_path(arguments.path))
        if root == settings.default_tape_path():
            make_default(root)
        print(mark_tape_path(root))
        if root != tape_directory(settings.tape_path()):
            print(f"Days are archived there once GMPSAI_TAPE={root} is set.")
    except (TapeError, settings.PathSettingError) as error:
        print(f"gmpsai tape: {error}", file=sys.stderr)
        return 1
    return 0
