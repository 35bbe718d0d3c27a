"""What the service tells of itself."""

from fastapi.testclient import TestClient

from bot.app import create_app
from bot.storage.vault import Vault

VAULT = Vault("a secret of the tests, long enough")


def test_the_service_is_not_ready_while_its_database_is_not(services, sqlite_database):
    with TestClient(create_app(services, sqlite_database, VAULT)) as client:
        assert client.get("/readyz").json()["ready"] is True
        with sqlite_database.write() as connection:
            connection.exec_driver_sql("DROP TABLE alembic_version")
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert "重启服务" in answer.json()["database"]
