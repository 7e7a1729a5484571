"""``python -m gmpsai_assets.emulator``: the emulator without the rest of the package.

Its arguments and its life are in ``command``; nothing else belongs here.
"""

import argparse
import sys

from gmpsai_assets.emulator.command import configure, run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m gmpsai_assets.emulator")
    configure(parser)
    sys.exit(run(parser.parse_args()))
