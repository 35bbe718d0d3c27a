"""What the console is composed of; apart from ``bootstrap``, for a service that answers questions need not load it."""

from functools import cache, partial

from starlette.routing import Router

from bot import bootstrap
from bot.admin import accounts, keys, notices, plans, pushes, records, reports, signing, statistics
from bot.admin.console import Console
from bot.admin.express import Express
from bot.bootstrap import Services
from bot.notices.register import Register
from bot.notices.service import Notices
from bot.notices.suggesting import Suggestion, near_items
from bot.officers.keys import Keys
from bot.officers.service import Officers
from bot.operations.statistics import Statistics, sector_by_page
from bot.records.service import Records
from bot.storage.database import Database
from bot.storage.vault import Vault
from bot.subscriptions.groups import national_groups
from bot.subscriptions.service import Subscriptions


def console(parts: Services, database: Database, vault: Vault) -> Console:
    """All pages of the console; the settings are those of a trial where this is one."""
    made = Console(
        Officers(database, vault, parts.clock),
        Records(database, vault, parts.clock),
        vault,
        parts.clock,
        bootstrap.SITE_NAME,
    )
    signing.pages(made, bootstrap.SITE_NAME)
    keys.pages(made, Keys(database, parts.clock))
    accounts.pages(made, parts.areas)
    records.pages(made)
    counted = Statistics(database, sector_by_page(parts.library.current))
    statistics.pages(made, counted, lambda code: parts.areas.get(code, code).full_name)

    express = _express(parts, database, vault)
    notices.pages(made, express)
    plans.pages(made, express)
    pushes.pages(made, express)
    reports.pages(made, express)
    return made


def _express(parts: Services, database: Database, vault: Vault) -> Express:
    suggester = cache(partial(bootstrap.suggester, parts.settings))

    def suggest(title: str, body: str, area: str) -> Suggestion:
        items = near_items(parts.answers.search, parts.library.current().item, title, area)
        return suggester().suggest(title, body).with_items(items, national_groups())

    return Express(
        Notices(database, parts.clock),
        bootstrap.approvals(parts.settings, database, vault, parts.clock),
        Register(database),
        database,
        parts.areas,
        suggest,
        Subscriptions(database, vault, parts.clock).reveal,
    )


def application(parts: Services, database: Database, vault: Vault) -> Router:
    """The console, to be mounted."""
    return Router(console(parts, database, vault).routes(), redirect_slashes=False)
