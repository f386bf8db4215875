"""The linear model: how it scores, and what is said about a file that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.filter.lexicon import TOKEN, Lexicon
from services.filter.linear import Linear, Shown, features_of, scale_of, words_of
from shared.arabic.normalise import fold_text
from shared.errors import Misconfigured

MODEL = Linear(
    {
        "b constant": (-0.5, 0.0),
        "w ممثل": (2.0, 4.0),
        "c <مم": (1.0, 2.0),
        "p دور ممثل": (4.0, 9.0),
        "w ورشه": (-3.0, 4.0),
        "w 0": (0.5, 1.0),
        "k roles": (0.3, 1.0),
        "k seeking>roles": (5.0, 2.5),
        "k seeking>>roles": (-0.2, 3.0),
        "s phone": (0.1, 1.5),
    },
    {"roles": 0.7},
)


def _shown(text: str, kinds: tuple[str, ...] = (), signals: tuple[str, ...] = ()) -> Shown:
    return Shown(words_of(TOKEN.findall(fold_text(text))), kinds, signals)


def test_the_score_is_the_sum_over_different_words_and_pairs_by_the_root_of_their_mass() -> None:
    assert MODEL.score(_shown("دور ممثل و ممثل")) == pytest.approx(-0.5 + (2.0 + 1.0 + 4.0) / scale_of(4 + 2 + 9))


def test_a_light_text_gets_its_share_of_the_constant() -> None:
    model = Linear({"b constant": (-6.0, 16.0), "w دور": (1.0, 4.0), "w ممثل": (1.0, 12.0)})
    assert model.score(_shown("دور")) == pytest.approx(-6.0 * 4 / 16 + 1.0 / scale_of(4))
    assert model.score(_shown("دور ممثل")) == pytest.approx(-6.0 + 2.0 / scale_of(16))


def test_kinds_count_by_themselves_by_their_neighbour_and_by_the_next_but_one() -> None:
    kinds = ("seeking", "people roles", "number", "seeking", "number", "roles")
    assert MODEL.score(_shown("", kinds)) == pytest.approx(-0.5 + (2 * 0.3 + 5.0 - 0.2) / scale_of(2 * 1 + 2.5 + 3))


def test_signals_count_and_names_of_lists_among_them_do_not() -> None:
    assert MODEL.score(_shown("", signals=("phone", "roles"))) == pytest.approx(-0.5 + 0.1 / scale_of(1.5))


def test_what_is_scored_is_what_training_counts() -> None:
    shown = _shown("دور ممثل 12 و 15 و ممثل 0500000001", ("seeking", "roles", "number", "roles"), ("phone",))
    known = {name: number for name, number in features_of(shown).items() if name in MODEL.weights}
    assert {name[0] for name in known} == {"w", "c", "p", "k", "s"}
    points = sum(MODEL.weights[name][0] * number for name, number in known.items())
    mass = sum(MODEL.weights[name][1] * number for name, number in known.items())
    assert MODEL.score(shown) == pytest.approx(-0.5 + points / scale_of(mass))


def test_numbers_are_not_learnt_by_heart() -> None:
    assert words_of(["0500000001"]) == words_of(["966500000002"]) != words_of(["12"]) == words_of(["2026"])


def test_unknown_words_change_nothing() -> None:
    assert MODEL.score(_shown("ممثل")) == MODEL.score(_shown("ممثل xyz"))
    assert Linear().score(_shown("ممثل دور", ("roles",))) == 0


def test_reasons_are_the_heaviest_words_pairs_and_orders_with_their_sign() -> None:
    assert MODEL.reasons(_shown("ورشة دور ممثل"), number=2) == ["+pair:دور_ممثل", "+word:ممثل"]
    assert MODEL.reasons(_shown("ورشة"), number=2) == ["-word:ورشه"]
    assert MODEL.reasons(_shown("ورشة", ("seeking", "people roles")), number=1) == ["+order:seeking>people+roles"]


def test_a_model_that_is_written_comes_back_the_same() -> None:
    assert Linear.parse(MODEL.dump()) == MODEL


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("w ممثل 0.3 1", "model:2: 'w ممثل 0.3 1' is not"),
        ("w ممثل\t0.3", "model:2: "),
        ("w ممثل\tmuch\t1", "model:2: "),
        ("w ممثل\t1\t-1", "model:2: "),
        ("w دور ممثل\t1\t1", "model:2: "),
        ("p ممثل\t1\t1", "model:2: "),
        ("x ممثل\t1\t1", "model:2: "),
        ("w ممثل\tnan\t1", "model:2: "),
        ("w دور\t2\t1", "model:2: 'w دور' stands there twice"),
        ("l roles\t1\t1", "model:2: "),
        ("l roles\t1\nl roles\t2", "model:3: 'l roles' stands there twice"),
    ],
)
def test_a_malformed_line_is_named_with_its_number(line: str, complaint: str) -> None:
    with pytest.raises(Misconfigured) as error:
        Linear.parse(f"w دور\t1\t1\n{line}\n")
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
