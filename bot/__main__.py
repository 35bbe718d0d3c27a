"""``python -m bot`` is ``zwgk``."""

import gc

# What is imported lasts as long as the process: looking for garbage meanwhile takes a third of the time.
gc.disable()

from bot.cli import main  # noqa: E402

gc.enable()

if __name__ == "__main__":
    main()
