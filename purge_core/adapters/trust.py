"""Whose certificates are believed."""

import os
import ssl
from typing import Final

from purge_core.errors import Problem, SettingsError
from purge_core.wording import shown

_VARIABLE: Final = "SSL_CERT_FILE"
_WANTED: Final = "a file of trusted certificates in PEM, or nothing for those of the system"


def trusted_context() -> ssl.SSLContext:
    """Make a TLS context that trusts what the system does, or what ``SSL_CERT_FILE`` names.

    OpenSSL reads that variable, and says nothing when it comes to no certificate at all:
    then no host whatever would be believed.

    Raises:
        SettingsError: the variable names no file with certificates.

    """
    context = ssl.create_default_context()
    named = os.environ.get(_VARIABLE)
    if named is None or context.cert_store_stats()["x509"]:
        return context
    try:
        context.load_verify_locations(cafile=named)
    except OSError as error:  # SSLError is one, too
        why = "no certificate in it" if isinstance(error, ssl.SSLError) else error.strerror
        found = f"{shown(named)} ({why})"
        raise SettingsError([Problem(_VARIABLE, found, _WANTED)]) from None
    return context
