import pytest

from bot.notices.chain import ApprovalRefused
from bot.notices.gates import EVERY, GATES, said


def test_whoever_passes_all_gates_says_so_by_name():
    assert said(EVERY) == "政治关、法律关、保密关、文字关已核"


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.id)
def test_each_gate_must_be_passed(gate):
    with pytest.raises(ApprovalRefused, match=gate.name) as refused:
        said(EVERY - {gate.id})
    assert [one for one in GATES if one.name in str(refused.value)] == [gate]
