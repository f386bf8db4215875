"""`twin eval`, `twin train` and `twin quality` as programs use them: one JSON document, exit codes, line numbers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.operator import train
from services.publisher import logic
from services.publisher.cases import CaseKeeper
from services.publisher.logic import Reason
from shared.contracts.calls import CastingCall
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Engine, ExtractedCall, Verdict
from shared.settings import MongoSettings
from shared.storage.cases import Case
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.cases import MongoCases
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.tunings import MongoTunings
from tests.services.operator.typed import Twin

ROOT = Path(__file__).parents[3]
CORPUS = ROOT / "tests" / "corpus"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RATES = {"recall", "precision", "false_positive_rate", "f1", "n"}
FIELDS = {
    "title", "project_type", "production_company", "location_city", "country", "deadline", "shoot_dates",
    "compensation_kind", "compensation_amount", "compensation_currency", "compensation_per", "contacts",
    "role_gender", "role_ages",
}  # fmt: skip

CALL: dict[str, Any] = {
    "id": "a1",
    "text": "مطلوب ممثلة سعودية عمر ٢٥-٣٠ لإعلان في الرياض، الأجر ١٥٠٠ ريال، آخر موعد ٥ ديسمبر، واتساب 0500000172",
    "sent_at": "2026-11-20T18:00:00+03:00",
    "label": "casting_call",
    "kind": "commercial",
    "lang": "ar",
    "hard": True,
    "gold": {
        "title": "إعلان",
        "project_type": "commercial",
        "location_city": "Riyadh",
        "country": "SA",
        "deadline": "2026-12-05",
        "roles": [{"name": "ممثلة سعودية", "gender": "female", "age_min": 25, "age_max": 30}],
        "compensation": {"kind": "paid", "amount": 1500, "currency": "SAR"},
        "contacts": [{"kind": "whatsapp", "value": "+966500000172"}],
    },
}
NOISE: dict[str, Any] = {
    "id": "a2",
    "text": "صباح الخير يا جماعة، الله يكتب لكم يوم جميل وكل التوفيق للجميع اليوم وبكرة وبعده",
    "sent_at": "2026-11-20T18:00:00+03:00",
    "label": "other",
    "kind": "chit_chat",
    "lang": "ar",
}


def pair(id: str, verdict: str, second: str = CALL["text"]) -> dict[str, Any]:
    first = {"text": CALL["text"], "sent_at": "2026-11-20T18:00:00+03:00", "group": "a"}
    return {
        "id": id,
        "first": first,
        "second": first | {"text": second, "sent_at": "2026-11-21T09:00:00+03:00", "group": "b"},
        "verdict": verdict,
        "conflicts": [],
    }


def written(path: Path, rows: Iterable[Mapping[str, Any] | str]) -> str:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def twin(tmp_path: Path) -> Twin:
    """A command in an empty folder, without a stack and without settings."""
    return Twin(tmp_path, {})


@pytest.fixture
def with_database(tmp_path: Path, mongo: Mongo, mongo_settings: MongoSettings) -> Twin:
    """A command that reaches an empty database and no broker."""
    url = mongo_settings.url.get_secret_value()
    return Twin(tmp_path, {"MONGO_URL": url, "MONGO_DATABASE": mongo_settings.database})


async def test_the_filter_s_document_has_the_agreed_keys(twin: Twin, tmp_path: Path) -> None:
    answer = await twin("eval", written(tmp_path / "c.jsonl", [CALL, NOISE]), "--stage", "filter", "--json")
    assert answer.code == 0, answer.err
    found = answer.json
    assert set(found) == {"overall", "hard", "by_kind", "by_language", "model_calls_per_unique_call"}
    for figures in (found["overall"], found["hard"], found["by_kind"]["commercial"], found["by_language"]["ar"]):
        assert set(figures) == RATES
    assert (found["overall"]["n"], found["hard"]["n"], found["overall"]["recall"]) == (2, 1, 1.0)
    assert found["by_kind"]["chit_chat"]["false_positive_rate"] == 0.0
    assert found["model_calls_per_unique_call"] == 1.0


async def test_the_extractor_s_document_has_the_agreed_keys(twin: Twin, tmp_path: Path) -> None:
    answer = await twin("eval", written(tmp_path / "c.jsonl", [CALL, NOISE]), "--stage", "extract", "--json")
    assert answer.code == 0, answer.err
    found = answer.json
    assert set(found) >= {"fields", "invented", "grounded_share"}
    assert set(found["fields"]) >= FIELDS
    assert all(set(figures) == {"precision", "recall", "f1", "n"} for figures in found["fields"].values())
    assert found["fields"]["contacts"]["f1"] == 1.0
    assert set(found["invented"].values()) == {0}
    assert found["grounded_share"] == 1.0


async def test_the_model_engine_is_scored_through_the_sandbox_and_says_what_it_cost(twin: Twin, tmp_path: Path) -> None:
    path = written(tmp_path / "c.jsonl", [CALL, NOISE])
    answer = await twin("eval", path, "--stage", "extract", "--engine", "sandbox", "--json")
    assert answer.code == 0, answer.err
    found = answer.json
    assert set(found) >= {"fields", "invented", "grounded_share", "planted", "caught", "dropped_true_values", "model"}
    assert found["planted"] > 0
    assert found["model"]["cost_usd"] > 0
    lines = await twin("eval", path, "--stage", "extract", "--engine", "sandbox", "--errors", "3")
    assert "cost usd" in lines.out


async def test_the_duplicates_document_has_the_agreed_keys(twin: Twin, tmp_path: Path) -> None:
    rows = [pair("p1", "same"), pair("p2", "new", NOISE["text"])]
    answer = await twin("eval", written(tmp_path / "p.jsonl", rows), "--stage", "duplicates", "--json")
    assert answer.code == 0, answer.err
    found = answer.json
    assert set(found) == {"precision", "recall", "four_way_accuracy", "confusion", "n"}
    assert (found["precision"], found["recall"], found["four_way_accuracy"], found["n"]) == (1.0, 1.0, 1.0, 2)
    assert found["confusion"]["new"] == {"same": 0, "update": 0, "sibling": 0, "new": 1}


async def test_the_worst_mistakes_say_what_was_said_and_what_gold_says(twin: Twin, tmp_path: Path) -> None:
    wrong = CALL | {"id": "bad", "label": "other", "text": CALL["text"].replace("،", "\n\x1b[31m")}
    path = written(tmp_path / "c.jsonl", [CALL, NOISE, wrong])
    answer = await twin("eval", path, "--stage", "filter", "--errors", "5", "--json")
    [mistake] = answer.json["errors"]
    assert mistake["id"] == "bad"
    assert mistake["said"].startswith("call (")
    assert mistake["gold"] == "noise (commercial)"
    lines = (await twin("eval", path, "--stage", "filter", "--errors", "5")).out
    assert "1 of 1 mistakes" in lines
    assert "\x1b" not in lines
    moved = CALL | {"gold": CALL["gold"] | {"location_city": "Jeddah", "deadline": None}}
    answer = await twin("eval", written(tmp_path / "e.jsonl", [moved]), "--stage", "extract", "--errors", "1", "--json")
    [mistake] = answer.json["errors"]
    assert "location_city: Riyadh" in mistake["said"]
    assert "location_city: Jeddah; deadline: nothing" in mistake["gold"]
    answer = await twin(
        "eval", written(tmp_path / "p.jsonl", [pair("p1", "new")]), "--stage", "duplicates", "--errors", "1", "--json"
    )
    assert answer.json["errors"][0]["said"].startswith("same (")


@pytest.mark.parametrize(
    ("rows", "stage", "line", "complaint"),
    [
        ([CALL, "{"], "filter", 2, "no JSON"),
        ([CALL, "[]"], "filter", 2, "one JSON object"),
        ([CALL, "", {"id": "x", "text": "y"}], "filter", 3, "label"),
        ([{**CALL, "gold": None}], "extract", 1, "gold"),
        ([{**CALL, "sent_at": "yesterday"}], "extract", 1, "sent_at"),
        ([{**CALL, "gold": CALL["gold"] | {"contacts": ["0500000172"]}}], "extract", 1, "gold.contacts"),
        ([pair("p", "same"), pair("q", "alike")], "duplicates", 2, "verdict"),
    ],
)
async def test_a_line_that_is_none_is_named_with_its_number(
    twin: Twin, tmp_path: Path, rows: list[Any], stage: str, line: int, complaint: str
) -> None:
    path = written(tmp_path / "c.jsonl", rows)
    answer = await twin("eval", path, "--stage", stage, "--json")
    assert (answer.code, answer.out) == (2, "")
    assert f"{path}:{line}: " in answer.err
    assert complaint in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["eval", "missing.jsonl", "--stage", "filter"],
        ["eval", "empty.jsonl", "--stage", "filter"],
        ["eval", "binary.jsonl", "--stage", "filter"],
        ["eval", "c.jsonl"],
        ["eval", "--stage", "filter"],
        ["eval", "c.jsonl", "--stage", "cook"],
        ["eval", "c.jsonl", "--stage", "filter", "--engine", "openai"],
        ["eval", "c.jsonl", "--stage", "extract", "--engine", "openai"],  # no key
        ["eval", "c.jsonl", "--stage", "filter", "--from-reviews"],
        ["eval", "c.jsonl", "--stage", "filter", "--errors", "-1"],
        ["train", "--corpus", "missing.jsonl"],
    ],
)
async def test_wrong_use_ends_with_code_2_and_says_why(twin: Twin, tmp_path: Path, arguments: list[str]) -> None:
    written(tmp_path / "c.jsonl", [CALL, NOISE])
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe")
    answer = await twin(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.strip()


def test_the_command_runs_from_a_plain_checkout(tmp_path: Path) -> None:
    path = written(tmp_path / "c.jsonl", [CALL, NOISE])
    command = [sys.executable, "-m", "services.operator.cli", "eval", path, "--stage", "filter", "--json"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["overall"]["n"] == 2


async def decided(mongo: Mongo, number: int, text: str, *, reason: Reason | None = None, check: bool = False) -> Case:
    """A decision, from the desk to the case."""
    message = RawMessage(
        event_id=f"post:r{number}",
        message_id=f"r{number}",
        group=Group(id="120363000000000001@g.us"),
        sent_at=NOW,
        text=text,
    )
    event = ExtractedCall(
        event_id=f"call:r{number}",
        call_id=f"call-r{number}",
        message=message,
        verdict=Verdict(passed=not check, rule="scored_call"),
        call=CastingCall(title="machine", location_city="Jeddah"),
        engine=Engine(name="offline"),
        check=check,
    )
    calls, call = MongoCalls(mongo), logic.received(event, NOW)
    await calls.insert(call)
    right = CastingCall.model_validate(CALL["gold"])
    after = logic.reject(call, reason, None, "sara", NOW) if reason else logic.approve(call, "sara", NOW, fields=right)
    assert await calls.save(after, over=1)
    cases = MongoCases(mongo)
    await CaseKeeper(calls, cases, kept=timedelta(days=365)).once()
    found = await cases.get(call.id)
    assert found is not None
    return found


async def test_the_reviewers_decisions_are_a_corpus(with_database: Twin, mongo: Mongo) -> None:
    await decided(mongo, 1, CALL["text"])
    await decided(mongo, 2, NOISE["text"], reason=Reason.NOT_A_CALL, check=True)
    await decided(mongo, 3, CALL["text"] + " وممثل", check=True)
    answer = await with_database("eval", "--from-reviews", "--json")
    assert answer.code == 0, answer.err
    found = answer.json
    assert found["cases"] == {"casting_call": 2, "other": 1, "checked": 2}
    assert (found["filter"]["overall"]["n"], found["filter"]["overall"]["recall"]) == (3, 1.0)
    missed = found["filter"]["missed"]
    assert (missed["checked"], missed["missed"], missed["rate"]) == (2, 1, 0.5)
    assert 0 < missed["low"] < 0.5 < missed["high"] < 1
    assert found["extract"]["fields"]["contacts"]["recall"] == 1.0
    assert found["extract"]["as_shown"]["location_city"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 2}
    lines = (await with_database("eval", "--from-reviews", "--stage", "filter", "--errors", "3")).out
    assert "3 cases" in lines
    assert "calls among them" in lines


async def test_without_a_decision_there_is_nothing_to_score_on(with_database: Twin) -> None:
    answer = await with_database("eval", "--from-reviews", "--json")
    assert (answer.code, answer.out) == (2, "")
    assert "no reviewer has decided" in answer.err


@pytest.fixture
def few_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A fifth of the development corpus is what the shipped weights were learnt from; the rest is returned."""
    rows = [json.loads(line) for line in (CORPUS / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    written(tmp_path / "known.jsonl", rows[::5])
    monkeypatch.setattr(train, "CORPORA", (tmp_path / "known.jsonl",))
    return [row for at, row in enumerate(rows) if at % 5]


@pytest.mark.slow
async def test_poisoned_reviews_are_refused_and_nothing_is_installed(
    with_database: Twin, mongo: Mongo, few_known: list[dict[str, Any]], tmp_path: Path
) -> None:
    noise = [row for row in few_known if row["label"] == "other"]
    for number, row in enumerate(noise[:60]):
        case = Case(
            id=f"poison-{number}",
            version=2,
            message_id=row["id"],
            group=Group(id="g"),
            text=row["text"],
            sent_at=NOW,
            label="casting_call",
            reviewer="mallory",
            at=NOW,
            verdict=Verdict(passed=True, rule="scored_call"),
            engine=Engine(name="offline"),
            original=CastingCall(title="x"),
        )
        await MongoCases(mongo).keep(case, until=NOW + timedelta(days=365))
    answer = await with_database("train", "--from-reviews", "--install", "--out", "weights.tsv", "--json")
    assert answer.code == 1
    assert "refused: of the " in answer.err
    assert answer.json["messages"]["new"] == 60
    assert answer.json["refused"] in answer.err
    assert await MongoTunings(mongo).versions() == []
    assert not (tmp_path / "weights.tsv").exists()


@pytest.mark.usefixtures("few_known")
async def test_weights_that_are_no_worse_are_installed_as_the_next_tuning(
    with_database: Twin, mongo: Mongo, tmp_path: Path
) -> None:
    answer = await with_database("train", "--install", "--out", "weights.tsv", "--seed", "7", "--json")
    assert (answer.code, answer.json["refused"], answer.json["installed"]) == (0, None, 1), answer.err
    tuning = await MongoTunings(mongo).get(1)
    assert tuning is not None
    assert tuning.model == (tmp_path / "weights.tsv").read_text(encoding="utf-8")
    assert (tuning.by, tuning.note) == ("twin train", "trained on 80 messages, 0 of them new")


@pytest.mark.slow
async def test_the_quality_report_has_every_part_and_no_held_out_row(twin: Twin, tmp_path: Path) -> None:
    folder = tmp_path / "corpora"
    folder.mkdir()

    def some(name: str, every: int) -> list[dict[str, Any]]:
        lines = (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines[::every]]

    written(folder / "dev.jsonl", some("dev", 16))
    written(folder / "extra.jsonl", some("extra", 8))
    written(folder / "pairs.jsonl", some("pairs", 25))
    secret = [row | {"id": f"secret-{row['id']}"} for row in some("dev", 15)]
    written(folder / "blind.jsonl", secret)
    written(folder / "pairs_blind.jsonl", [row | {"id": f"secret-{row['id']}"} for row in some("pairs", 24)])
    answer = await twin("quality", "--corpora", str(folder), "--json")
    assert answer.code == 0, answer.err
    found = answer.json
    assert set(found) == {
        "filter", "filter_across", "filter_groups", "extract", "model", "duplicates",
        "blind_filter", "blind_extract", "blind_duplicates",
    }  # fmt: skip
    assert found["filter"]["dev + extra"]["overall"]["n"] == len(some("dev", 16)) + len(some("extra", 8))
    assert set(found["filter_across"]) == {"dev → extra", "extra → dev"}
    assert found["blind_filter"]["blind"]["overall"]["n"] == len(secret)
    assert found["model"]["planted"] > 0
    assert "secret" not in answer.out + answer.err
    assert not any(row["text"][:20] in answer.out for row in secret)
