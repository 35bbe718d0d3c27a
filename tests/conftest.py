"""Parts that many tests share: the built-in knowledge, built once a run, and everything that answers from it."""

import gc
import os
import shutil

import pytest
from hypothesis import settings as hypothesis_settings

from bot import bootstrap
from bot.answering.model import Question
from bot.settings import Settings

# Processes that share a run of tests are given one, and rich would keep to it whatever a test sets.
os.environ.pop("COLUMNS", None)
# How long an example takes says more of the machine than of the code.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


@pytest.fixture(autouse=True, scope="module")
def thawed():
    """What services keep out of the search for garbage as long as they run must not stay for the whole run of tests."""
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def built_once(tmp_path_factory, worker_id):
    """A data directory with the built-in knowledge, one for all processes of a run: ``prepare`` lets them take turns."""
    own = tmp_path_factory.getbasetemp()
    directory = (own if worker_id == "master" else own.parent) / "built-once"
    bootstrap.prepare(Settings(data_dir=directory))
    return directory


@pytest.fixture(scope="session")
def builtin_dir(built_once, tmp_path_factory):
    """This process's copy of it. Tests that change anything work on a copy of their own."""
    return shutil.copytree(built_once, tmp_path_factory.mktemp("builtin") / "data")


@pytest.fixture(scope="session")
def services(builtin_dir):
    return bootstrap.services(Settings(data_dir=builtin_dir))


@pytest.fixture(scope="session")
def knowledge(services):
    return services.library.current()


@pytest.fixture(scope="session")
def ask(services):
    def ask(text, area=None, context=None):
        return services.answers.answer(Question(text, area, context))

    return ask
