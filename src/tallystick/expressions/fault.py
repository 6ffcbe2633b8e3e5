"""What is wrong with the text of an expression, and where; inside the package only."""

from tallystick.kernel import Problem

_AROUND = 12


class Fault(Exception):
    """
    A mistake at a character of the text; `parse_expression` turns it into a problem.

    Attributes:
        code: of the problem.
        message: what is wrong and what would be right.
        at: index of the character, from 0.
    """

    def __init__(self, code: str, message: str, at: int) -> None:
        super().__init__(message)
        self.code, self.message, self.at = code, message, at

    def problem(self, text: str) -> Problem:
        """
        Return the problem, with the character counted from 1 and a few around it.

        Example:
            >>> Fault("unexpected", "expected a value", 4).problem("1 + )").message
            'expected a value, at character 5: 1 + ▸)'
        """
        before = text[max(0, self.at - _AROUND) : self.at]
        after = text[self.at : self.at + _AROUND]
        shown = " ".join(f"{before}▸{after}".split())
        return Problem(
            code=self.code, message=f"{self.message}, at character {self.at + 1}: {shown}"
        )
