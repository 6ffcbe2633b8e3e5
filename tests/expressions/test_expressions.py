"""The language: what it means, what it refuses and where, and that nothing makes it fail."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.expressions import Expression, Kind, Node, Undefined, Value, parse_expression
from tallystick.expressions.kinds import typed
from tallystick.expressions.writing import write
from tallystick.kernel import Done, Refused
from tests.expressions.naive import Readings, naive
from tests.expressions.strategies import readings, trees

DATA = {"n": "7", "half": "0.5", "neg": "-2.50", "ok": "true", "word": "Ärger", "none": ""}


def expression(text: str, kind: Kind = Kind.NUMBER) -> Expression:
    """Return a sound expression."""
    outcome = parse_expression(text, kind=kind)
    assert isinstance(outcome, Done), outcome
    return outcome.value


def value(text: str, kind: Kind = Kind.NUMBER) -> Value | Undefined:
    """Return what a text comes to over the fields of DATA."""
    return expression(text, kind).value(lambda path: DATA.get(path[-1], ""))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4 / 8", "6.5"),
        ("(1 + 2) * 3", "9"),
        ("8 / 4 / 2", "1"),
        ("2 - 1 - 1", "0"),
        ("--neg + - 1", "-3.5"),
        ("data.n / 3 * 3", "7"),
        ("if n > 5 and not ok == false then n else 1 / 0", "7"),
        ('if word == "Ärger" then 1 else 2', "1"),
        ("min(n, 3, half)", "0.5"),
        ("max(n, 3)", "7"),
        ("abs(neg)", "2.5"),
        ("round(2.5)", "3"),
        ("round(neg)", "-3"),
        ("round(14.2355, 2)", "14.24"),
        ("round(14.2355, -1)", "10"),
        ("floor(neg)", "-3"),
        ("ceil(neg)", "-2"),
        ("coalesce(none, word, 4)", "4"),
        ("length(word)", "5"),
        ("data['n']", "7"),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    """Numbers are exact, operators bind as in arithmetic, halves go away from zero."""
    assert value(text) == Fraction(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n == 7.0", True),
        ('n == "7.0"', False),
        ("data.n == data.half", False),
        ("n / 3 == 7 / 3", True),
        ("neg < 0 and half <= 0.5 and n >= 7 and n > 6 and n != 6", True),
        ("not ok or n in (1, 7)", True),
        ('word in ("a", concat("Är", "ger"))', True),
        ("exists(none)", False),
        ("exists(n) and exists(word)", True),
        ('starts_with(word, "Är") and ends_with(word, "ger") and contains(word, "rg")', True),
        ('lower(word) == "Ärger" and upper(word) == "ÄRGER"', True),
        ("ok or none > 1", True),
        ("not ok and none > 1", False),
        ('none == ""', True),
    ],
)
def test_truths(text: str, *, expected: bool) -> None:
    """Comparing goes by kind; what need not be known may be undefined."""
    assert value(text, Kind.TRUTH) is expected


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("1 + none", "missing", 4),
        ("word * 2", "not_a_number", 0),
        ("if n then 1 else 2", "not_a_truth", 3),
        ("1 / (n - 7)", "division_by_zero", 2),
        ("if n in (1, 1 / 0) then 1 else 0", "division_by_zero", 14),
        (" * ".join(["n"] * 30 + ["99999999999999999999"] * 64), "too_large", None),
    ],
)
def test_undefined(text: str, code: str, at: int | None) -> None:
    """What cannot be evaluated says why and where, and is no exception."""
    found = value(text)
    assert isinstance(found, Undefined)
    assert found.code == code
    assert at is None or found.at == at


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "unexpected", "expected a value, not the end, at character 1"),
        ("1 +", "unexpected", "not the end, at character 4: 1 +▸"),
        ("(1", "unexpected", "expected ')', not the end, at character 3"),
        ("1 2", "unexpected", "expected an operator or the end, not '2', at character 3"),
        ("1 < n < 3", "unexpected", "not '<', at character 7"),
        ("data.", "unexpected", "expected a name behind '.', at character 6"),
        ("data[1]", "unexpected", "expected a name in quotes behind '[', at character 6"),
        ("if n then 1", "unexpected", "expected 'else'"),
        ("n = 1", "unexpected_character", "write == for =, at character 3"),
        ("n && n", "unexpected_character", "write and for &&"),
        ("'open", "unexpected_character", "a text that does not end, at character 1"),
        ("n % 2", "unexpected_character", "'%' means nothing here, at character 3"),
        ("import os", "unexpected", "expected an operator or the end"),
        ("__import__('os')", "unknown_function", "no function __import__"),
        ("rond(n)", "unknown_function", "did you mean round?"),
        ('"a" * 2', "wrong_kind", "expected a number, not a text, at character 1"),
        ("n and 1", "wrong_kind", "expected a number, not a truth"),
        ('"a" < "b"', "wrong_kind", "expected a number, not a truth"),
        ("abs(1, 2)", "wrong_arguments", "abs takes 1 argument, not 2"),
        ("min(1)", "wrong_arguments", "min takes 2 to 64 arguments"),
        ("round(n, n)", "wrong_arguments", "places are a whole number"),
        ("round(n, 19)", "wrong_arguments", "places are a whole number"),
        ("exists(1)", "wrong_kind", "expected a number"),
        ("123456789012345678901", "too_large", "at most 20 digits"),
        ("0.1234567890123456789", "too_large", "at most 20 digits before and 18"),
        ("(" * 40 + "1" + ")" * 40, "too_deep", "more than 32 levels"),
        ("1" + "+1" * 200, "too_deep", "more than 100 operators"),
        ("1" + " " * 2000, "too_long", "at most 2000 characters"),
        ("a.b.c.d.e.f.g.h.i.j", "too_long", "at most 9 names"),
    ],
)
def test_refused(text: str, code: str, said: str) -> None:
    """A mistake is one problem, with what would be right and the character."""
    outcome = parse_expression(text)
    assert isinstance(outcome, Refused), outcome
    (problem,) = outcome.problems
    assert (problem.code, said in problem.message) == (code, True), problem


def test_unknown_names() -> None:
    """Whoever reads an expression says which names there are."""
    outcome = parse_expression(
        "1 + date.n", known=lambda path: "" if path[0] == "data" else "no date; did you mean data?"
    )
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "unknown_name"
    assert "at character 5" in outcome.problems[0].message


@pytest.mark.parametrize("kind", Kind)
@given(data=st.data())
def test_written_and_read(kind: Kind, data: st.DataObject) -> None:
    """Reading what was written gives the tree that was written, with its kinds."""
    tree: Node = data.draw(trees(kind))
    outcome = parse_expression(write(tree), kind=kind)
    if isinstance(outcome, Refused):
        assert outcome.problems[0].code in {"too_long", "too_deep"}, outcome
        return
    assert outcome.value.root == typed(tree, kind)
    assert outcome.value.text == write(tree)


@pytest.mark.parametrize("kind", Kind)
@given(data=st.data())
def test_evaluated_as_by_the_naive_one(kind: Kind, data: st.DataObject) -> None:
    """Every tree comes to what the naive evaluator says, undefined included."""
    outcome = parse_expression(write(data.draw(trees(kind))), kind=kind)
    if isinstance(outcome, Refused):
        return
    read: Readings = data.draw(readings())
    found = outcome.value.value(read.__getitem__)
    expected = naive(outcome.value.root, read)
    if isinstance(found, Undefined):
        assert expected is None or found.code == "too_large"
    else:
        assert found == expected
        assert type(found) is type(expected)


@given(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                'if then else and or not in true ( ) [ ] , . + - * / == != < >= 1 2.5 "t" a data '
                "min( round( exists( coalesce( concat(".split()
            ),
            max_size=25,
        ).map(" ".join),
    ),
    kind=st.sampled_from(Kind),
)
def test_no_text_is_too_much(text: str, kind: Kind) -> None:
    """Whatever is written is an expression or a problem with its character, never an exception."""
    outcome = parse_expression(text, kind=kind)
    if isinstance(outcome, Refused):
        assert "at character" in outcome.problems[0].message
    else:
        outcome.value.value(lambda _path: "5")
