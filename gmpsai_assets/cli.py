"""The command ``gmpsai``: it only finds the sub-command's module, which declares its options and does the work."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from gmpsai_assets.launch import COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="gmpsai", description="A daily record of the Booster's gradient magnet power supply."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if words[:1] == [name]:  # only the module that is needed is imported
            importlib.import_module(module).configure(command)
    parsed = parser.parse_args(words)
    code: int = importlib.import_module(COMMANDS[parsed.command][0]).run(parsed)
    return code


if __name__ == "__main__":
    sys.exit(main())
