"""
The grammar, loosest first; operators of one line bind from the left.

    if condition then one else another
    or
    and
    not
    ==  !=  <  <=  >  >=  in (a, b)         one of them; a < b < c is refused
    +  -
    *  /
    -                                       of one operand
    1.5   "text"   true   data.path["odd name"]   function(a, b)   ( ... )
"""

from decimal import Decimal

from tallystick.expressions.fault import Fault
from tallystick.expressions.limits import ARGUMENTS_MAX, DEPTH_MAX, LEVELS_MAX, PATH_NAMES_MAX
from tallystick.expressions.syntax import (
    Binary,
    Call,
    Choice,
    Literal,
    Name,
    Node,
    OneOf,
    Unary,
    parts_of,
)
from tallystick.expressions.tokens import KEYWORDS, Token, tokens_of

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


def parse_tree(text: str) -> Node:
    """
    Return the tree of a text; what names and functions there are is not looked at.

    Raises:
        Fault: with the character where reading stopped.

    Example:
        >>> tree = parse_tree("1 + 2 * 3")
        >>> tree.operator, tree.right.operator
        ('+', '*')
    """
    parser = _Parser(tokens_of(text))
    tree = parser.expression()
    parser.finish()
    _check_levels(tree)
    return tree


def _check_levels(tree: Node) -> None:
    """Refuse a tree too high to be walked by recursion, without recursion."""
    waiting = [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        if level > LEVELS_MAX:
            raise Fault("too_deep", f"more than {LEVELS_MAX} operators in a chain", node.at)
        waiting += [(part, level + 1) for part in parts_of(node)]


class _Parser:
    """Reads a tree from words by recursive descent, at most ``DEPTH_MAX`` deep."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def expression(self) -> Node:
        """Read an expression of any kind."""
        self._deeper()
        start = self._peek()
        if self._skip("if"):
            condition = self.expression()
            self._need("then")
            then = self.expression()
            self._need("else")
            otherwise = self.expression()
            made: Node = Choice(condition=condition, then=then, otherwise=otherwise, at=start.at)
        else:
            made = self._either()
        self._depth -= 1
        return made

    def finish(self) -> None:
        """Refuse what stands behind the end."""
        token = self._peek()
        if token.kind != "end":
            raise Fault(
                "unexpected", f"expected an operator or the end, not {token.text!r}", token.at
            )

    def _either(self) -> Node:
        left = self._both()
        while token := self._skip("or"):
            left = Binary(operator="or", left=left, right=self._both(), at=token.at)
        return left

    def _both(self) -> Node:
        left = self._negation()
        while token := self._skip("and"):
            left = Binary(operator="and", left=left, right=self._negation(), at=token.at)
        return left

    def _negation(self) -> Node:
        if token := self._skip("not"):
            self._deeper()
            operand = self._negation()
            self._depth -= 1
            return Unary(operator="not", operand=operand, at=token.at)
        return self._comparison()

    def _comparison(self) -> Node:
        left = self._sum()
        if token := self._skip("in"):
            self._need("(")
            return OneOf(item=left, choices=self._list(")"), at=token.at)
        if token := self._skip(*COMPARISONS):
            return Binary(operator=token.text, left=left, right=self._sum(), at=token.at)
        return left

    def _sum(self) -> Node:
        left = self._product()
        while token := self._skip("+", "-"):
            left = Binary(operator=token.text, left=left, right=self._product(), at=token.at)
        return left

    def _product(self) -> Node:
        left = self._signed()
        while token := self._skip("*", "/"):
            left = Binary(operator=token.text, left=left, right=self._signed(), at=token.at)
        return left

    def _signed(self) -> Node:
        if token := self._skip("-"):
            self._deeper()
            operand = self._signed()
            self._depth -= 1
            return Unary(operator="-", operand=operand, at=token.at)
        return self._single()

    def _single(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return Literal(value=Decimal(token.text), at=token.at)
        if token.kind == "text":
            return Literal(value=token.text, at=token.at)
        if token.text in {"true", "false"}:
            return Literal(value=token.text == "true", at=token.at)
        if token.kind == "sign" and token.text == "(":
            inner = self.expression()
            self._need(")")
            return inner
        if token.kind == "word" and token.text not in KEYWORDS:
            if self._skip("("):
                return Call(function=token.text, arguments=self._list(")"), at=token.at)
            return self._name(token)
        shown = "the end" if token.kind == "end" else repr(token.text)
        raise Fault("unexpected", f"expected a value, not {shown}", token.at)

    def _name(self, first: Token) -> Name:
        path = [first.text]
        while token := self._skip(".", "["):
            part = self._take()
            if part.kind != ("word" if token.text == "." else "text") or not part.text:
                what = "a name" if token.text == "." else "a name in quotes"
                raise Fault("unexpected", f"expected {what} behind {token.text!r}", part.at)
            if token.text == "[":
                self._need("]")
            path.append(part.text)
        if len(path) > PATH_NAMES_MAX:
            raise Fault("too_long", f"a path has at most {PATH_NAMES_MAX} names", first.at)
        return Name(path=tuple(path), at=first.at)

    def _list(self, end: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self._skip(end):
            if items:
                self._need(",")
            items.append(self.expression())
            if len(items) > ARGUMENTS_MAX:
                raise Fault("too_long", f"at most {ARGUMENTS_MAX} stand in a list", items[-1].at)
        return tuple(items)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            at = self._peek().at
            raise Fault("too_deep", f"more than {DEPTH_MAX} levels inside each other", at)

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += token.kind != "end"
        return token

    def _skip(self, *texts: str) -> Token | None:
        token = self._peek()
        if token.kind in {"sign", "word"} and token.text in texts:
            return self._take()
        return None

    def _need(self, text: str) -> None:
        token = self._peek()
        if self._skip(text) is None:
            shown = "the end" if token.kind == "end" else repr(token.text)
            raise Fault("unexpected", f"expected {text!r}, not {shown}", token.at)
