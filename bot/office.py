"""What the console is composed of; apart from ``bootstrap``, for a service that answers questions need not load it."""

from starlette.routing import Router

from bot import bootstrap
from bot.admin import accounts, keys, records, signing, statistics
from bot.admin.console import Console
from bot.bootstrap import Services
from bot.officers.keys import Keys
from bot.officers.service import Officers
from bot.operations.statistics import Statistics, sector_by_page
from bot.records.service import Records
from bot.storage.database import Database
from bot.storage.vault import Vault


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
    return made


def application(parts: Services, database: Database, vault: Vault) -> Router:
    """The console, to be mounted."""
    return Router(console(parts, database, vault).routes(), redirect_slashes=False)
