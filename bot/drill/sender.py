"""``python -m bot.drill.sender``: what ``zwgk worker run`` is, but for its clock."""

import argparse
import os
import signal

from bot import bootstrap
from bot.settings import load_settings

from .clock import parse


def main() -> None:
    """Send until stopped."""
    parser = argparse.ArgumentParser(prog="python -m bot.drill.sender", description=__doc__)
    parser.add_argument("--clock", type=parse, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--senders", type=int, required=True)
    given = parser.parse_args()
    settings = load_settings(None, os.environ)
    database, vault = bootstrap.operations(settings)
    chosen = {"senders": given.senders, "name": given.name}
    with bootstrap.sending(settings, database, vault, given.clock, **chosen) as sending:
        signal.signal(signal.SIGTERM, lambda *_: sending.stop())
        print("ready", flush=True)
        sending.run()


if __name__ == "__main__":
    main()
