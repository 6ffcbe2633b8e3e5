"""The register of VAT numbers of the European Union."""

from tallystick.integrations.vies.register import VIES_URL, ViesRegister

__all__ = ["VIES_URL", "ViesRegister"]
