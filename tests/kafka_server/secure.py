"""A Kafka that asks who one is: listeners with SASL, with TLS and with both, and access rights."""

from __future__ import annotations

from pathlib import Path

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType

from tests.kafka_server.broker import Node, free_ports
from tests.kafka_server.certificates import KEY_PASSWORD, Authority

USER = "alice"
PASSWORD = "alice-secret"
#: May sign in; see `SecureKafka.forbid`.
GUEST = "guest"

#: Of a property that is named twice, the last one counts.
CONFIG = """\
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port},\
SASL://127.0.0.1:{sasl},TLS://127.0.0.1:{tls},BOTH://127.0.0.1:{both},\
MANAGED://127.0.0.1:{managed},MUTUAL://127.0.0.1:{mutual}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,\
SASL:SASL_PLAINTEXT,TLS:SSL,BOTH:SASL_SSL,MANAGED:SASL_SSL,MUTUAL:SSL
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true
super.users=User:ANONYMOUS
listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.both.sasl.enabled.mechanisms=PLAIN
listener.name.managed.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl.plain.sasl.jaas.config={plain}
listener.name.both.plain.sasl.jaas.config={plain}
listener.name.sasl.scram-sha-256.sasl.jaas.config={scram}
listener.name.sasl.scram-sha-512.sasl.jaas.config={scram}
listener.name.managed.scram-sha-512.sasl.jaas.config={scram}
listener.name.sasl.oauthbearer.sasl.jaas.config={oauth}
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
listener.name.both.ssl.client.auth=required
listener.name.mutual.ssl.client.auth=required
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


class SecureKafka(Node):
    """A broker with five further listeners, each at an address of its own."""

    def __init__(self, folder: Path) -> None:
        port, controller_port, *others = free_ports(7)
        sasl, tls, both, managed, mutual = others
        authority = Authority(folder)
        certificate, key = authority.issue("broker")
        keystore = folder / "broker.pem"
        keystore.write_text(key.read_text() + certificate.read_text())
        #: SASL over a plain connection, TLS, and SASL over TLS with a client's certificate.
        self.sasl, self.tls, self.both = (f"127.0.0.1:{each}" for each in (sasl, tls, both))
        #: As providers have it: SCRAM over TLS; and TLS with a client's certificate, no password.
        self.managed, self.mutual = (f"127.0.0.1:{each}" for each in (managed, mutual))
        self.authority = authority.file
        self.certificate, self.key = authority.issue("client", KEY_PASSWORD)
        config = CONFIG.format(
            port=port, controller_port=controller_port, sasl=sasl, tls=tls, both=both,
            managed=managed, mutual=mutual,
            keystore=keystore, authority=authority.file, plain=_PLAIN, scram=_SCRAM, oauth=_OAUTH,
        )  # fmt: skip
        super().__init__(folder, config, f"127.0.0.1:{port}", scram={USER: PASSWORD})

    def forbid(self, prefix: str) -> None:
        """Deny the guest every topic and group whose name begins like this."""
        # Kept until its futures are done.
        admin = AdminClient({"bootstrap.servers": self.address})
        denials = [
            AclBinding(
                kind, prefix, ResourcePatternType.PREFIXED, f"User:{GUEST}", "*",
                AclOperation.ALL, AclPermissionType.DENY,
            )
            for kind in (ResourceType.TOPIC, ResourceType.GROUP)
        ]  # fmt: skip
        for future in admin.create_acls(denials, request_timeout=20).values():
            future.result()
