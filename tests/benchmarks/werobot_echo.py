"""The peer: a WeRoBot that repeats what it hears in safe mode and stores nothing."""

import os

from werobot import WeRoBot  # type: ignore[import-untyped]

robot = WeRoBot(
    token=os.environ["PEER_TOKEN"],
    encoding_aes_key=os.environ["PEER_KEY"],
    app_id=os.environ["PEER_APP_ID"],
    enable_session=False,
)


@robot.text  # type: ignore[untyped-decorator]
def echo(message: object) -> str:
    """Repeat the words."""
    return str(message.content)  # type: ignore[attr-defined]


application = robot.wsgi
