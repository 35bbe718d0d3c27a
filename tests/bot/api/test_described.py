"""Every address against its own description: whatever fits it, or does not, gets what is described, and no 5xx."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from bot.officers.model import Role

CHECKS = [not_a_server_error, response_schema_conformance, status_code_conformance]


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_address_keeps_its_word(desk, call, mode):
    schema = schemathesis.openapi.from_asgi("/openapi.json", desk.app)
    secrets = [call.secret(role) for role in (Role.DRAFTER, Role.AUDITOR)]
    addresses = [
        one.ok()
        for one in schema.get_all_operations()
        if one.ok().path.startswith("/api/v1") and (mode.is_positive or takes(one.ok()))
    ]
    for address in addresses:
        send(address.as_strategy(generation_mode=mode), secrets)
    assert len(addresses) > 7


def takes(address):
    """Whether anything is sent to an address that could be wrong."""
    return bool(list(address.body) or list(address.query))


def send(cases, secrets):
    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def all_of_them(case):
        for secret in secrets:
            case.call_and_validate(headers={"authorization": f"Bearer {secret}"}, checks=CHECKS)

    all_of_them()
