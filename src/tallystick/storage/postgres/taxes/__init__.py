"""What is kept for taxes beside the catalog."""

from tallystick.storage.postgres.taxes.answers import PostgresTaxAnswers
from tallystick.storage.postgres.taxes.tax_ids import PostgresTaxIdChecks

__all__ = ["PostgresTaxAnswers", "PostgresTaxIdChecks"]
