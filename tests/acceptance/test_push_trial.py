"""A trial of pushing on one computer: the running service's own sandbox takes a notice, and the phone shows it."""

import json
import shutil
import time
from urllib.parse import urlencode

from bot.storage.vault import open_vault
from bot.trial import trial_account
from tests.acceptance.conftest import running

FOLLOWER = "oSandbox_citizen_0000000001"
TEMPLATE = "sandbox-notice-long"
NOTICE = {
    "touser": FOLLOWER,
    "template_id": TEMPLATE,
    "data": {
        "thing1": {"value": "高龄津贴发放办法"},
        "thing2": {"value": "区民政局"},
        "date3": {"value": "2026年11月21日"},
        "thing4": {"value": "点击查看全文"},
    },
}


def post(service, path, body):
    headers = {"Content-Type": "application/json"}
    status, answer = service.send("POST", path, json.dumps(body).encode(), headers)
    assert status == 200
    return json.loads(answer)


def tap(service, kind, text):
    form = {"account": "trial", "follower": FOLLOWER, "kind": kind, "text": text}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert service.send("POST", "/sandbox/send", urlencode(form).encode(), headers)[0] == 303


def page(service, path):
    status, text = service.get(path, account="trial")
    assert status == 200
    return text.decode()


def open_events(service):
    return json.loads(service.get("/sandbox/control/received")[1])["events"]


def test_a_notice_goes_from_the_interface_to_the_phone_and_stays(builtin_dir, tmp_path):
    data_dir = tmp_path / "data"
    shutil.copytree(builtin_dir, data_dir)
    with running(data_dir) as service:
        account = trial_account(open_vault(data_dir, ""))
        credential = {
            "grant_type": "client_credential",
            "appid": account.app_id,
            "secret": account.app_secret.get_secret_value(),
        }
        token = post(service, "/sandbox/api/cgi-bin/stable_token", credential)["access_token"]
        send = f"/sandbox/api/cgi-bin/message/subscribe/bizsend?access_token={token}"
        assert post(service, send, NOTICE)["errcode"] == 43101
        tap(service, "allow", TEMPLATE)
        assert post(service, send, NOTICE)["errcode"] == 0
        assert "高龄津贴发放办法" in page(service, "/sandbox")
        deadline = time.monotonic() + 180
        while open_events(service) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert open_events(service) == 0
    with running(data_dir) as service:
        assert "高龄津贴发放办法" in page(service, "/sandbox")
        assert '<td class="count">1</td>' in page(service, "/sandbox/inbox")
