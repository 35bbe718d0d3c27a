"""What a follower's gesture changes at the platform, before the account hears of it."""

from .account import Account
from .choices import LONG_TERM
from .followers import LONG, ONCE, Follower
from .messages import Gesture
from .world import World


def follow_up(world: World, account: Account, person: Follower, done: Gesture, now: float) -> None:
    """Follow, leave, agree, refuse; or open the time in which the account may write."""
    followers = world.followers
    match done.kind:
        case "subscribe":
            followers.follow(account.name, person.openid, now)
        case "unsubscribe":
            followers.leave(account.name, person.openid)
        case "allow":
            template = world.choices.templates(account.name).get(done.text)
            kind = LONG if template and template.type == LONG_TERM else ONCE
            followers.agree(account.name, [person.openid], done.text, kind)
        case "refuse":
            followers.withdraw(account.name, person.openid, done.text)
        case "click" | "scan":
            followers.touched(account.name, person.openid, now)
        case _:
            followers.wrote(account.name, person.openid, now)
