"""``python -m bot`` is ``zwgk``."""

from bot.cli import main

main()
