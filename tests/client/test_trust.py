"""Whom a server is believed by."""

import ssl

import pytest

from tallystick.client.trust import trusted_by


@pytest.mark.parametrize("url", ["https://usage.example.com", "HTTPS://usage.example.com:8443/"])
def test_tls_is_checked_by_the_machines_authorities(url: str) -> None:
    """Whoever is asked by TLS shows a certificate that the machine trusts."""
    assert trusted_by(url) is True


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://https:8080", "https.example.com"])
def test_without_tls_nobody_is_trusted(url: str) -> None:
    """No authority is read where no certificate is shown; one that came anyhow is refused."""
    trusted = trusted_by(url)
    assert isinstance(trusted, ssl.SSLContext)
    assert trusted.get_ca_certs() == []
    assert (trusted.verify_mode, trusted.check_hostname) == (ssl.CERT_REQUIRED, True)
