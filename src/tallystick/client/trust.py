"""
Which authorities a server is believed by.

Reading those of the machine takes 20 to 30 ms, more than most commands take to ask.  A server that
is asked without TLS shows no certificate, so none are read for it.
"""

import ssl

_TLS = "https:"


def trusted_by(url: str) -> ssl.SSLContext | bool:
    """Return whom a transport to a URL trusts: the machine's authorities, or nobody at all."""
    return url.lower().startswith(_TLS) or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
