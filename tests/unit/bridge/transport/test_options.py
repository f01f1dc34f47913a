import pytest
from confluent_kafka import Consumer

from bridge.transport.address import Address, parse
from bridge.transport.errors import OptionError
from bridge.transport.options import RESERVED, Creation, GroupProtocol, Options, read

ADDRESS = Address("one:9092")


def test_the_defaults_keep_every_guarantee() -> None:
    consumer, producer = Options().consumer(ADDRESS), Options().producer(ADDRESS)

    assert consumer["enable.auto.commit"] is False
    assert consumer["enable.auto.offset.store"] is False
    assert consumer["auto.offset.reset"] == "earliest"
    assert producer["enable.idempotence"] is True
    assert producer["acks"] == "all"


def test_options_become_properties() -> None:
    options = read(
        {
            "group_id": "runners",
            "topic_prefix": "",
            "topic_creation": "auto",
            "topic_deletion": True,
            "replication_factor": -1,
            "partitions": 3,
            "topic_config": {"retention.ms": 1000},
            "publish_timeout": 4,
            "publish_ahead": 0,
            "revoke_grace": 0,
            "priorities": 10,
            "delay_threshold": None,
            "session_timeout": 6,
            "kafka": {"ssl.ca.location": "/ca"},
            "kafka_consumer": {"fetch.wait.max.ms": 100},
            "kafka_producer": {"linger.ms": 7},
            "max_retries": 3,
        }
    )
    consumer, producer = options.consumer(ADDRESS), options.producer(ADDRESS)

    assert options.topic_creation is Creation.AUTO
    assert (options.priorities, options.delay_threshold) == (10, None)
    assert options.topic_config == {"retention.ms": "1000"}
    assert consumer["group.id"] == "runners"
    assert consumer["session.timeout.ms"] == 6000
    assert consumer["heartbeat.interval.ms"] == 2000
    assert consumer["fetch.wait.max.ms"] == 100
    assert consumer["allow.auto.create.topics"] is True
    assert producer["message.timeout.ms"] == 3000
    assert producer["linger.ms"] == 7
    assert options.admin(ADDRESS)["ssl.ca.location"] == "/ca"


@pytest.mark.parametrize(("ahead", "linger"), [(0, 0), (100, 5)])
def test_messages_wait_for_each_other_only_where_nobody_waits(ahead: int, linger: int) -> None:
    assert Options(publish_ahead=ahead).producer(ADDRESS)["linger.ms"] == linger


@pytest.mark.parametrize(("creation", "wait"), [("auto", 10), ("create", 50), ("verify", 50)])
def test_brokers_that_wake_a_fetch_are_asked_less_often(creation: str, wait: int) -> None:
    options = Options(topic_creation=Creation(creation))
    assert options.consumer(ADDRESS)["fetch.wait.max.ms"] == wait


def test_a_user_in_the_url_signs_in_over_tls_unless_told_otherwise() -> None:
    address = Address("one:9092", "me", "secret")
    assert Options().consumer(address)["security.protocol"] == "SASL_SSL"
    assert Options().consumer(address)["sasl.password"] == "secret"

    assert Options().consumer(ADDRESS)["security.protocol"] == "PLAINTEXT"

    plain = read({"kafka": {"security.protocol": "SASL_PLAINTEXT"}})
    assert plain.producer(address)["security.protocol"] == "SASL_PLAINTEXT"


def test_use_ssl_gives_way_to_what_the_properties_say() -> None:
    address = parse("kafka://one", {"ca_certs": "/ca", "certfile": "/certificate"})
    config = read({"kafka": {"ssl.ca.location": "/mine"}}).producer(address)

    assert config["security.protocol"] == "SSL"
    assert config["ssl.ca.location"] == "/mine"
    assert config["ssl.certificate.location"] == "/certificate"


def test_the_brokers_decide_on_membership_with_their_protocol() -> None:
    options = read(
        {"group_protocol": "consumer", "kafka_consumer": {"group.remote.assignor": "range"}}
    )
    config = options.consumer(ADDRESS)

    assert options.group_protocol is GroupProtocol.CONSUMER
    assert config["group.protocol"] == "consumer"
    assert config["group.remote.assignor"] == "range"
    assert not config.keys() & {
        "session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"session_timeout": 6}, "session_timeout cannot be set: .* the broker decides that"),
        ({"kafka": {"heartbeat.interval.ms": 1}}, r"heartbeat.interval.ms cannot be set"),
        ({"kafka_consumer": {"group.protocol.type": "x"}}, r"group.protocol.type cannot be set"),
    ],
)
def test_what_is_the_brokers_with_their_protocol_is_refused(
    given: dict[str, object], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        read({"group_protocol": "consumer", **given})


def test_the_classic_protocol_has_no_assignor_of_the_broker() -> None:
    with pytest.raises(OptionError, match="assigns partitions only where group_protocol is"):
        read({"kafka_consumer": {"group.remote.assignor": "range"}})


def test_the_grace_fits_into_the_poll_interval() -> None:
    """A worker that waits for its tasks does not poll, and would be taken for dead."""
    with pytest.raises(OptionError, match=r"revoke_grace \(300 s\) must be less than .*300000"):
        read({"revoke_grace": 300})
    short = {"max.poll.interval.ms": 6000}
    assert read({"revoke_grace": 5.9, "kafka_consumer": short}).revoke_grace == 5.9
    with pytest.raises(OptionError, match="raise that in kafka_consumer"):
        read({"revoke_grace": 6, "kafka_consumer": short})
    read({"kafka": {"max.poll.interval.ms": "left to librdkafka"}})


def test_a_reader_of_logs_has_no_poll_interval() -> None:
    """Librdkafka would compare it with a session that is not its own."""
    options = read({"session_timeout": 2, "kafka_consumer": {"max.poll.interval.ms": 6000}})
    Consumer(options.reader(ADDRESS)).close()


def test_a_callback_may_fetch_tokens() -> None:
    assert read({"kafka": {"oauth_cb": print}}).admin(ADDRESS)["oauth_cb"] is print


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("patitions", 3, "No such transport option: patitions. There are: group_id"),
        ("group_id", "", "must not be empty"),
        ("group_id", 1, "must be text"),
        ("topic_creation", "maybe", "must be one of: create, verify, auto"),
        ("group_protocol", "share", "must be one of: classic, consumer"),
        ("topic_deletion", "yes", "must be true or false"),
        ("partitions", 0, "whole number above 0"),
        ("partitions", True, "whole number above 0"),
        ("replication_factor", -2, "whole number above 0"),
        ("publish_timeout", 0, "more than 0 seconds"),
        ("publish_ahead", -1, "whole number, 0 or more"),
        ("publish_ahead", False, "whole number, 0 or more"),
        ("revoke_grace", -1, "seconds, 0 or more"),
        ("priorities", 0, "whole number above 0"),
        ("priorities", 11, "at most 10"),
        ("delay_threshold", "soon", "seconds, 0 or more"),
        ("revoke_grace", "1", "seconds, 0 or more"),
        ("topic_config", [], "must map names to values"),
        ("kafka", {1: 2}, "must map names to values"),
        ("kafka", {"error_cb": print}, "callbacks are the transport's"),
    ],
)
def test_a_wrong_option_is_refused_by_name(name: str, value: object, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        read({name: value})


@pytest.mark.parametrize("reserved", sorted(RESERVED))
@pytest.mark.parametrize("option", ["kafka", "kafka_consumer", "kafka_producer"])
def test_a_property_that_a_guarantee_hangs_on_is_refused(option: str, reserved: str) -> None:
    with pytest.raises(OptionError, match=f"{reserved} cannot be set in {option}"):
        read({option: {reserved: "anything"}})


def test_logs_are_read_without_a_group_and_events_are_lost_sooner_than_waited_for() -> None:
    options = read(
        {
            "group_protocol": "consumer",
            "kafka_consumer": {"fetch.wait.max.ms": 7},
            "kafka_producer": {"linger.ms": 3},
            "log_exchanges": ("mine", "celeryev"),
        }
    )
    reader, lossy = options.reader(ADDRESS), options.lossy(ADDRESS)
    assert options.log_exchanges == ("celeryev", "mine")
    assert (reader["group.protocol"], reader["enable.auto.commit"]) == ("classic", False)
    assert reader["fetch.wait.max.ms"] == 7
    assert (lossy["acks"], lossy["enable.idempotence"], lossy["linger.ms"]) == (1, False, 3)


@pytest.mark.parametrize("value", ["celeryev", [""], [1], None])
def test_log_exchanges_are_a_list_of_names(value: object) -> None:
    with pytest.raises(OptionError, match="log_exchanges must be a list"):
        read({"log_exchanges": value})
