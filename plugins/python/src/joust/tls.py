"""A certificate for this process, made anew each time it starts.

Host and plugin send each other theirs through the handshake, and accept no
other. The key is on the curve P-256, which every TLS library has. It is made
by the module ``cryptography``, or by the program ``openssl``.
"""

from __future__ import annotations

import datetime
import ssl
import subprocess
import tempfile
from typing import NamedTuple


class Certificate(NamedTuple):
    key: bytes  # PEM
    cert: bytes  # PEM
    der: bytes  # the certificate as the handshake sends it


def certificate() -> Certificate:
    """A new certificate for localhost. Raises RuntimeError if nothing here can make one."""
    try:
        return _by_cryptography()
    except ImportError:
        return _by_openssl()


def _by_cryptography() -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.utcnow()
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return Certificate(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        cert.public_bytes(pem),
        cert.public_bytes(serialization.Encoding.DER),
    )


def _by_openssl() -> Certificate:
    with tempfile.TemporaryDirectory(prefix="joust-tls-") as dir:  # readable by its owner alone
        key, cert = f"{dir}/key.pem", f"{dir}/cert.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-days", "3650", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        command += ["-addext", "extendedKeyUsage=serverAuth,clientAuth", "-keyout", key, "-out", cert]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except FileNotFoundError:
            raise RuntimeError(
                "no certificate can be made: want the module cryptography (python3-cryptography) or the program openssl"
            ) from None
        except subprocess.CalledProcessError as e:
            raise RuntimeError(f"openssl made no certificate: {e.stderr.strip()[-300:]}") from None
        with open(key, "rb") as k, open(cert, "rb") as c:
            pem = c.read()
            return Certificate(k.read(), pem, ssl.PEM_cert_to_DER_cert(pem.decode()))
