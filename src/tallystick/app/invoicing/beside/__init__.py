"""What some prices of a contract look at beside it: other contracts, published prices."""

from tallystick.app.invoicing.beside.series import with_series
from tallystick.app.invoicing.beside.tree import with_tree

__all__ = ["with_series", "with_tree"]
