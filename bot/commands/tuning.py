"""``tune``: the classifiers and the weights learned anew from package data, measured, and kept where that is wanted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.answering.deciding import Policy
from bot.answering.recognising import learned_recogniser
from bot.clock import china_clock
from bot.evaluation import wording
from bot.evaluation.cases import Case, read_cases
from bot.evaluation.comparing import Comparison, Run, compare
from bot.evaluation.gate import OURS
from bot.evaluation.judging import ROUTES, Outcome, evaluate
from bot.evaluation.plain import plain_first
from bot.evaluation.scores import score as score_of
from bot.notices.suggesting import Listener, builtin_cues, read_examples
from bot.tuning import ablation, groups, keeping
from bot.tuning.ablation import Line
from bot.tuning.judging import Score, Verdict, judge, reliability, score, scores
from bot.tuning.keeping import Learned
from bot.tuning.questions import Material, builtin_material, builtin_questions
from bot.tuning.tuning import OUTSIDE, Tuning
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms, everyday_words
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import national_areas
from catalogue_index.sectors import national_sectors

from .console import Json, fail, print_json, print_table, say, steps
from .evaluating import print_changes

_FOLDS = 4
_GOLDS = ("faq", "plan", "catalogue", "outside")
_KINDS: Mapping[str, str] = {**wording.NAMES, **ROUTES, "item": wording.NAMES["catalogue"]}
_PARTS: Mapping[str, str] = {
    "whole": "全部都用",
    "routes": "不用来意分类",
    "entries": "不用答疑条目分类",
    "sectors": "不认像哪个领域",
    "covered": "不看覆盖了多少",
    "said": "不看像不像问法",
    "text": "不看像不像原文",
    "plan": "不看是不是本地方案、点没点名、问不问牵头",
    "wish": "不看是想看还是想办",
    "rows": "不看事项写没写所问的、有没有名称",
    "synonyms": "不用同义词",
    "repairs": "不改同音字",
    "asked": "不用大家问过的问法",
    "written": "不用我们写的问法",
}


def tune(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="把学到的文件写进这个目录")
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--write", help="把学到的文件写到程序里，以后就用它们")
    ] = False,
    without_parts: Annotated[
        bool, typer.Option("--ablation", help="改为逐一去掉各个部分再学，看各有多大用处")
    ] = False,
    notices: Annotated[
        bool, typer.Option("--notices", help="改为学习通知涉及哪些领域、适合哪些人群")
    ] = False,
    as_json: Json = False,
) -> None:
    """用自带的问法重新学习分类和权重，并报告答得怎样；不写 -o 或 --write 时只报告。"""
    if without_parts and (output or in_place or notices):
        fail("--ablation 只报告，不能和 -o、--write、--notices 一起用。", status=2)
    _need_scikit_learn()
    if without_parts:
        _report_parts(as_json)
        return
    if notices:
        shipped = groups.SHIPPED if in_place else None
        _report_groups([folder for folder in (output, shipped) if folder], as_json)
        return
    folders = [folder for folder in (output, keeping.SHIPPED if in_place else None) if folder]
    _report_learning(folders, as_json)


def _need_scikit_learn() -> None:
    try:
        import sklearn  # noqa: F401
    except ModuleNotFoundError:
        fail("没有安装学习用的 scikit-learn。请先运行 pip install 'zwgk[tune]'。")


def _tuning(tokeniser: Tokeniser) -> Callable[[Material], Tuning]:
    return lambda material: Tuning(material, tokeniser, national_areas(), national_sectors())


def _cases() -> list[Case]:
    return [c for path in sorted(OURS.glob("*.jsonl")) for c in read_cases(path, national_areas())]


# --- learning anew -------------------------------------------------------------------------------


def _report_learning(folders: Sequence[Path], as_json: bool) -> None:
    before = keeping.read(keeping.SHIPPED)
    with steps(_FOLDS + 3) as step:
        material = builtin_material()
        tuning = _tuning(Tokeniser(national_sectors().names))(material)
        now, judged = tuning.learn(builtin_questions(material), _FOLDS, step.begin)
        step.begin("对照考题")
        comparison = _compared(tuning, before, now)
    verdicts = list(map(judge(now.weights, Policy()), judged))
    for folder in folders:
        keeping.write(now, folder)
    if as_json:
        print_json(_learning_json(verdicts, before, now, comparison, folders))
    else:
        _print_learning(verdicts, before, now, comparison)
        for folder in folders:
            say(f"学到的文件已写到 {folder}。")


def _compared(tuning: Tuning, before: Learned, now: Learned) -> Comparison:
    """The built-in question sets by what was learned before and now, of the same knowledge."""
    cases, today = _cases(), f"{china_clock():%Y-%m-%d}"
    with tuning.knowledge() as knowledge:
        before_run, now_run = (
            Run(one.digest, today, tuple(evaluate(cases, tuning.answerer(knowledge, one).answer)))
            for one in (before, now)
        )
    return compare(before_run, now_run)


def _by_gold(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    return {gold: [o for o in outcomes if o.gold == gold] for gold in _GOLDS}


def _print_learning(
    verdicts: Sequence[Verdict], before: Learned, now: Learned, comparison: Comparison
) -> None:
    for outside in (False, True):
        part = [verdict for verdict in verdicts if verdict.outside is outside]
        names = ("没有误认", "去向正确", "误答") if outside else ("首位正确", "答对", "答错")
        rows = [_score_row(s) for s in (*scores(part), score("合计", part))]
        title = f"没见过的问题：{wording.PARTS[outside]}"
        print_table(title, ["类别", "题数", *names], rows)
    sure = [
        (r.at_least, r.answers, wording.of(r.right, r.answers), _share(r.share))
        for r in reliability(verdicts)
    ]
    usual = f"不该答的只占 {OUTSIDE:.0%} 时"
    print_table("把握有多可靠", ["把握不低于", "作答", "答对", usual], sure)
    weights = sorted({*before.weights, *now.weights})
    rows = [[name, before.weights.get(name), now.weights.get(name)] for name in weights]
    print_table("权重", ["", "原来", "现在"], rows)
    _print_comparison(comparison)


def _score_row(score: Score) -> list[object]:
    shares = (wording.of(count, score.cases) for count in (score.first, score.right, score.wrong))
    return [_KINDS.get(score.name, score.name), score.cases, *shares]


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _print_comparison(comparison: Comparison) -> None:
    groups = [_by_gold(run.outcomes) for run in (comparison.before, comparison.now)]
    rows: list[list[object]] = []
    for gold in _GOLDS:
        before, now = (score_of(gold, group[gold]) for group in groups)
        firsts = [wording.of(s.first, s.cases) for s in (before, now)]
        rows.append([wording.NAMES[gold], *firsts, before.wrong, now.wrong])
    columns = ["", "原来首答正确", "现在首答正确", "原来答错", "现在答错"]
    print_table("自带的考题（不该答的题：没有误答）", columns, rows)
    print_changes(comparison)


def _learning_json(
    verdicts: Sequence[Verdict],
    before: Learned,
    now: Learned,
    comparison: Comparison,
    folders: Sequence[Path],
) -> dict[str, Any]:
    return {
        "material": {"before": before.digest, "now": now.digest},
        "kinds": [asdict(score) for score in scores(verdicts)],
        "reliability": [asdict(row) for row in reliability(verdicts)],
        "weights": {
            name: {"before": before.weights.get(name), "now": now.weights.get(name)}
            for name in sorted({*before.weights, *now.weights})
        },
        "regression": {
            "before": _golds_json(comparison.before.outcomes),
            "now": _golds_json(comparison.now.outcomes),
            "better": [change.now.id for change in comparison.better],
            "worse": [change.now.id for change in comparison.worse],
        },
        "written": [str(folder) for folder in folders],
    }


def _golds_json(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    groups = _by_gold(outcomes)
    return [score_of(gold, group).to_json("gold") for gold, group in groups.items()]


# --- whom notices concern ------------------------------------------------------------------------


def _report_groups(folders: Sequence[Path], as_json: bool) -> None:
    analyser = Analyser(Tokeniser(national_sectors().names), Synonyms(everyday_words()))
    listener = Listener(analyser, learned_recogniser(), builtin_cues())
    examples = read_examples()
    with steps(_FOLDS + 1) as step:
        learned = groups.learn(examples, listener, _FOLDS, step.begin)
    for folder in folders:
        groups.write(learned, folder)
    parts = {"sectors": learned.sectors, "groups": learned.groups}
    if as_json:
        print_json(
            {
                "examples": len(examples),
                **{name: _labels_json(labels) for name, labels in parts.items()},
                "written": [str(folder) for folder in folders],
            }
        )
        return
    names = {"sectors": "领域", "groups": "人群"}
    rows = [
        (names[name], s.wanted, s.suggested, s.right, f"{s.f1:.1%}")
        for name, s in ((name, labels.score) for name, labels in parts.items())
    ]
    title = f"没见过的通知（{len(examples)} 份，{_FOLDS} 轮交叉验证）"
    print_table(title, ["", "应有", "建议", "正确", "F1"], rows)
    for folder in folders:
        say(f"学到的文件已写到 {folder}。")


def _labels_json(labels: groups.Labels) -> dict[str, Any]:
    found = {**asdict(labels.score), "f1": round(labels.score.f1, 4)}
    return found | {"least": labels.least, "most": labels.most}


# --- what each part adds -------------------------------------------------------------------------


def _report_parts(as_json: bool) -> None:
    cases, tuning = _cases(), _tuning(Tokeniser(national_sectors().names))
    with steps(ablation.steps(_FOLDS)) as step:
        material = builtin_material()
        asked = builtin_questions(material)
        ran = ablation.ablation(material, tuning, asked, cases, _FOLDS, step.begin)
        lines = list(ran)
        with tuning(material).knowledge() as knowledge:
            plain = [first for first in plain_first(cases, knowledge) if first is not None]
    if as_json:
        parts = [_line_json(line) for line in lines]
        print_json({"parts": parts, "plain": {"cases": len(plain), "first": sum(plain)}})
        return
    columns = ["", "答疑", "方案", "目录", "没有误答", "首位正确", "答错", "误答"]
    rows = [_line_row(line) for line in lines]
    rows.append(["朴素方法", wording.of(sum(plain), len(plain)), *[""] * 6])
    print_table("去掉一部分以后：自带的考题，和没见过的问题", columns, rows)


def _line_row(line: Line) -> list[object]:
    groups = _by_gold(line.outcomes)
    tried = [wording.of(sum(o.first for o in group), len(group)) for group in groups.values()]
    shares = (
        line.inside.first / line.inside.cases,
        line.inside.wrong / line.inside.cases,
        line.outside.wrong / line.outside.cases,
    )
    return [_PARTS[line.part], *tried, *map(_share, shares)]


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "part": line.part,
        "regression": _golds_json(line.outcomes),
        "inside": asdict(line.inside),
        "outside": asdict(line.outside),
    }
