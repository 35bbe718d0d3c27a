"""What an installation has that nobody has set up yet: an official account in the sandbox, a channel to it, and officers
of four names, so that a notice can be followed from its draft to a phone."""

from datetime import date

from pydantic import SecretStr

from bot.channels.settings import ChannelKind, ChannelSettings
from bot.clock import chinese_day
from bot.notices.chain import DRAFTING
from bot.settings import AccountKind, Mode, OfficerSettings, Settings, WeChatSettings
from bot.storage.vault import Vault

ACCOUNT = "trial"
"""The account that the sandbox serves where no official account is set up."""

TEMPLATE = "sandbox-notice-long"
"""The sandbox's own template of 长期订阅."""

AUTHOR = "试用起草"

LOCAL = "http://127.0.0.1:8000"
"""Where ``zwgk serve`` is as long as nobody says otherwise."""


def on_trial(settings: Settings) -> bool:
    """Whether nothing is set up by which anybody outside could be reached, or would reach us."""
    set_up = (settings.wechat, settings.channel, settings.officer, settings.public_url)
    return not any(set_up)


def trial_settings(settings: Settings, vault: Vault, base_url: str, today: date) -> Settings:
    """Settings with all that a trial needs, where this is one; the service and its sandbox are at ``base_url``."""
    if not on_trial(settings):
        return settings
    fields = {"thing1": "title", "thing2": "issuer", "thing4": "why"}
    fields["date3"] = f"={chinese_day(today)}"
    channel = ChannelSettings.model_validate(
        {
            "kind": ChannelKind.WECHAT_NOTICE,
            "account": ACCOUNT,
            "template": TEMPLATE,
            "fields": fields,
        }
    )
    steps = settings.approval.steps
    officers = [OfficerSettings(name=f"试用{step}", roles=(step,)) for step in steps]
    return settings.model_copy(
        update={
            "wechat": (trial_account(vault, f"{base_url}/sandbox/api"),),
            "channel": (channel,),
            "officer": (OfficerSettings(name=AUTHOR, roles=(DRAFTING,)), *officers),
            "public_url": base_url,
        }
    )


def trial_account(
    vault: Vault, api_url: str = "http://127.0.0.1:8000/sandbox/api"
) -> WeChatSettings:
    """An account for trying out, with secrets of this installation's own."""
    return WeChatSettings(
        name=ACCOUNT,
        mode=Mode.SAFE,
        kind=AccountKind.SERVICE,
        area=None,
        app_id="wx" + vault.hash("trial", "app_id")[:16],
        app_secret=SecretStr(vault.hash("trial", "app_secret")[:32]),
        token=SecretStr(vault.hash("trial", "token")[:32]),
        encoding_aes_key=SecretStr(vault.hash("trial", "key")[:43]),
        api_url=api_url,
    )
