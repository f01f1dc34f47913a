"""A Kafka that asks who one is: listeners with SASL, with TLS and with both, and access rights."""

from __future__ import annotations

from pathlib import Path

from tests.kafka_server.broker import Kafka, free_ports
from tests.kafka_server.certificates import KEY_PASSWORD, Authority

USER = "alice"
PASSWORD = "alice-secret"
#: May sign in, and may do nothing with topics and groups that begin with `forbidden`.
GUEST = "guest"

CONFIG = """\
listeners=PLAINTEXT://127.0.0.1:{{port}},CONTROLLER://127.0.0.1:{{controller_port}},\
SASL://127.0.0.1:{sasl},TLS://127.0.0.1:{tls},BOTH://127.0.0.1:{both}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,\
SASL:SASL_PLAINTEXT,TLS:SSL,BOTH:SASL_SSL
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true
super.users=User:ANONYMOUS
listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.both.sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config={plain}
listener.name.both.plain.sasl.jaas.config={plain}
listener.name.sasl.scram-sha-256.sasl.jaas.config={scram}
listener.name.sasl.scram-sha-512.sasl.jaas.config={scram}
listener.name.sasl.oauthbearer.sasl.jaas.config={oauth}
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
listener.name.both.ssl.client.auth=required
"""
_MODULES = "org.apache.kafka.common.security"
_PLAIN = (
    f"{_MODULES}.plain.PlainLoginModule required "
    f'user_{USER}="{PASSWORD}" user_{GUEST}="{PASSWORD}";'
)
_SCRAM = f"{_MODULES}.scram.ScramLoginModule required;"
_OAUTH = (
    f"{_MODULES}.oauthbearer.OAuthBearerLoginModule required "
    'unsecuredLoginStringClaim_sub="broker";'
)


class SecureKafka(Kafka):
    """A broker with three further listeners, each at an address of its own."""

    def __init__(self, folder: Path) -> None:
        sasl, tls, both = free_ports(3)
        authority = Authority(folder)
        certificate, key = authority.issue("broker")
        keystore = folder / "broker.pem"
        keystore.write_text(key.read_text() + certificate.read_text())
        #: SASL over a plain connection, TLS, and SASL over TLS with a client's certificate.
        self.sasl, self.tls, self.both = (f"127.0.0.1:{port}" for port in (sasl, tls, both))
        self.authority = authority.file
        self.certificate, self.key = authority.issue("client", KEY_PASSWORD)
        super().__init__(
            folder,
            extra=CONFIG.format(
                sasl=sasl, tls=tls, both=both, keystore=keystore, authority=authority.file,
                plain=_PLAIN, scram=_SCRAM, oauth=_OAUTH,
            ),
            format_arguments=[
                argument
                for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
                for argument in ("-S", f"{mechanism}=[name={USER},password={PASSWORD}]")
            ],
        )  # fmt: skip
