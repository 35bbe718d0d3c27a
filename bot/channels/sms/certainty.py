"""What a failure inside a provider's own client means: the request left, or it certainly did not.

The clients hide what happened behind an exception of their own, whose text holds the address called and, in it,
telephone numbers. Only the kinds of the exceptions underneath are looked at.
"""

from collections.abc import Iterator

from requests.exceptions import ConnectTimeout, InvalidURL, ProxyError, SSLError
from urllib3 import exceptions as low

from ..calling import maybe_out, never_out
from ..port import Outcome

_NEVER_OUT = (
    ConnectTimeout,
    InvalidURL,
    ProxyError,
    SSLError,
    low.ConnectTimeoutError,
    low.NewConnectionError,
    low.ProxyError,
    low.SSLError,
)


def after(error: BaseException) -> Outcome:
    """LATER where nothing can have left, UNKNOWN else."""
    below = list(_underneath(error, set()))
    kind = type(below[-1]).__name__
    return (
        never_out(kind) if any(isinstance(each, _NEVER_OUT) for each in below) else maybe_out(kind)
    )


def _underneath(error: object, seen: set[int]) -> Iterator[BaseException]:
    """An exception and all that it was made of."""
    if not isinstance(error, BaseException) or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    inner = (error.__cause__, error.__context__, getattr(error, "inner_exception", None))
    for each in (*inner, getattr(error, "reason", None), *error.args):
        yield from _underneath(each, seen)
