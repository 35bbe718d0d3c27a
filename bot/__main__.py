"""``python -m bot`` is ``zwgk``."""

import gc


def main() -> None:
    """Run the command that was typed."""
    # What is loaded lasts as long as the process: looking for garbage meanwhile takes a third of the time, and going
    # through it later a tenth of a second.
    gc.disable()
    from bot import cli

    cli.main(loaded=_leave_alone)


def _leave_alone() -> None:
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    main()
