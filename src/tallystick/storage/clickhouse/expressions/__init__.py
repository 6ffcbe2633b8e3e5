"""Expressions as SQL, exact or not at all."""

from tallystick.storage.clickhouse.expressions.compiling import Compiler, Sql
from tallystick.storage.clickhouse.expressions.numbers import Number, TooWide, to_value

__all__ = ["Compiler", "Number", "Sql", "TooWide", "to_value"]
