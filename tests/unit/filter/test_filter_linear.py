"""The linear model: how it scores, and what is said about a file that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.filter.lexicon import TOKEN, Lexicon
from services.filter.linear import Linear, features_of, scale_of
from shared.arabic.normalise import fold_text
from shared.errors import Misconfigured

MODEL = Linear({"w ممثل": 2.0, "c <مم": 1.0, "p دور ممثل": 4.0, "w ورشه": -3.0, "w 0": 0.5}, {"roles": 0.7})


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(fold_text(text))


def test_the_score_is_the_sum_over_different_words_and_pairs_by_the_scale_of_what_is_known() -> None:
    tokens = _tokens("دور ممثل و ممثل")
    assert MODEL.score(tokens) == pytest.approx((2.0 + 1.0 + 4.0) / scale_of(3))


def test_what_is_scored_is_what_training_counts() -> None:
    tokens = _tokens("دور ممثل 12 و 15 و ممثل 0500000001")
    known = {name: number for name, number in features_of(tokens).items() if name in MODEL.weights}
    total = sum(MODEL.weights[name] * number for name, number in known.items())
    assert MODEL.score(tokens) == pytest.approx(total / scale_of(sum(known.values())))


def test_numbers_are_not_learnt_by_heart() -> None:
    assert features_of(["0500000001"]) == features_of(["966500000002"])
    assert features_of(["12"]) == features_of(["2026"])


def test_unknown_words_change_nothing() -> None:
    assert MODEL.score(_tokens("ممثل")) == MODEL.score(_tokens("ممثل xyz"))
    assert Linear().score(_tokens("ممثل دور")) == 0


def test_reasons_are_the_heaviest_words_and_pairs_with_their_sign() -> None:
    assert MODEL.reasons(_tokens("ورشة دور ممثل"), number=2) == ["+pair:دور_ممثل", "+word:ممثل"]
    assert MODEL.reasons(_tokens("ورشة"), number=2) == ["-word:ورشه"]


def test_a_model_that_is_written_comes_back_the_same() -> None:
    assert Linear.parse(MODEL.dump()) == MODEL


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("w ممثل 0.3", "model:2: 'w ممثل 0.3' is not"),
        ("w ممثل\tmuch", "model:2: "),
        ("w دور ممثل\t1", "model:2: "),
        ("p ممثل\t1", "model:2: "),
        ("x ممثل\t1", "model:2: "),
        ("w ممثل\tnan", "model:2: "),
        ("w دور\t2", "model:2: 'w دور' stands there twice"),
    ],
)
def test_a_malformed_line_is_named_with_its_number(line: str, complaint: str) -> None:
    with pytest.raises(Misconfigured) as error:
        Linear.parse(f"w دور\t1\n{line}\n")
    assert complaint in str(error.value)


def test_a_model_without_weights_or_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="holds no weights"):
        Linear.parse("# nothing\n")
    with pytest.raises(Misconfigured, match="cannot be read"):
        Linear.load(tmp_path / "none.tsv")


def test_the_weights_of_the_lists_replace_those_of_the_lexicon_and_name_their_sign() -> None:
    lexicon = Lexicon.load().weighted({"crew": 0.5})
    assert (lexicon.weights["crew"].weight, lexicon.weights["crew"].reason) == (0.5, "+crew")
    with pytest.raises(Misconfigured, match="rolls"):
        Lexicon.load().weighted({"rolls": 1.0})
