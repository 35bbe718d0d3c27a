from dataclasses import replace

from bot.notices.model import Plan, Purpose, Rule
from bot.notices.telling import changes, plan_lines, text_lines
from tests.bot.notices.office import ELDERS, TEXT


def named(code):
    return f"地区{code}"


def test_a_text_leaves_out_what_is_empty():
    lines = text_lines(replace(TEXT, number="", policy=True))
    assert "文号" not in lines
    assert lines["政策文件"] == "是"
    assert lines["有效期至"] == "2027-12-31"


def test_a_plan_says_to_whom_by_what_when_and_for_how_much():
    rule = Rule(("养老服务",), (), ("老人",), ("441204",))
    plan = Plan(rule, ("wechat_notice", "sms"), cost_cap=12_300)
    assert plan_lines(plan, named) == {
        "发给谁": "领域：养老服务；人群：老人",
        "地区": "地区441204",
        "渠道": "订阅通知 → 短信（前一个没送到才用下一个）",
        "夜间": "21:00 至次日 8:00 不发",
        "发送期限": "开始后 48 小时内",
        "费用上限": "1.23 元",
        "等回执": "4 小时没有回执就用下一个渠道",
    }
    at_once = plan_lines(replace(plan, all_channels=True, urgent="台风"), named)
    assert at_once["渠道"] == "订阅通知、短信（每个都发）"
    assert at_once["夜间"] == "紧急，随时发：台风"
    workdays = replace(plan, workdays=True)
    assert plan_lines(workdays, named)["周末和节假日"] == "不发"
    assert "周末和节假日" not in plan_lines(replace(workdays, urgent="台风"), named)


def test_what_was_submitted_is_kept_whole(express):
    express.subscriber("张")
    express.subscriber("李", ("sector", "养老服务"), ("group", "老人"))
    express.subscriber("王", media=())
    push = express.draft(replace(ELDERS, rule=Rule(("养老服务",), groups=("老人",))))

    foreseen = express.approvals.forecast(push.id)
    express.approvals.submit(push.id, "戊")
    dossier = express.approvals.dossier(push.id)

    assert dossier.text == TEXT
    assert dossier.plan == push.plan
    assert dossier.concerned == {"领域：养老服务": 2, "人群：老人": 1}
    assert dossier.figures.reasons == {"短信：没有同意": 1}
    assert foreseen == dossier


def test_what_changed_since_the_last_submission(express):
    express.subscriber("张")
    push = express.submitted()
    express.approvals.reject(push.id, "乙", "金额写错")
    body = TEXT.body + "\n每月六十元。"
    express.notices.edit(push.notice, replace(TEXT, body=body), "", express.approvals.reopen)
    express.approvals.change(push.id, replace(ELDERS, hours=24), "戊")
    express.approvals.submit(push.id, "戊")

    before, after = express.approvals.dossiers(push.id)

    assert [(one.name, one.lines) for one in changes(before, after, named)] == [
        ("正文", (("+", "每月六十元。"),)),
        ("发送期限", (("-", "开始后 48 小时内"), ("+", "开始后 24 小时内"))),
    ]
    assert changes(after, after, named) == []


def test_those_who_are_told_of_a_correction_are_named_by_what_they_got(express):
    express.subscriber("张")
    push = express.approved()
    express.approvals.send(push.id, "丁")
    follow = replace(ELDERS, follows=push.id)
    made = express.approvals.draft(push.notice, follow, "戊", Purpose.CORRECTION, "金额有误")
    lines = plan_lines(made.plan, named)
    assert lines["发给谁"] == f"推送 {push.id} 送到或可能送到的人"
    assert "地区" not in lines


def test_a_text_is_previewed_and_examined_on_every_channel_before_it_is_kept(express):
    assert express.approvals.channels() == ("wechat_notice", "wechat_mass", "email", "sms")
    letters = express.approvals.preview(TEXT)
    assert letters.keys() == set(express.approvals.channels())
    notice = express.notice()
    kept = express.approvals.preview(TEXT, notice.id)
    assert kept["sms"]["text"] == letters["sms"]["text"].replace("x" * 10, notice.id)
    found = express.approvals.examine(replace(TEXT, issuer="很长的机关名称" * 60))
    assert [(one.check, one.channel) for one in found] == [("length", "sms")]
