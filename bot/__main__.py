"""``python -m bot`` is ``zwgk``."""

import gc

# What is imported lasts as long as the process: looking for garbage meanwhile takes a third of the time, and looking for
# it there afterwards a tenth of a second at the next turn.
gc.disable()

from bot.cli import main  # noqa: E402

gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
