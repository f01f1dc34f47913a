"""The compose file and the image keep the rules that can be read off them."""

import json
import subprocess
from typing import Any

import pytest
import yaml

from app.messages import topics
from tests.compose_file import LASTING, ONCE, SECRETS, compose, program, services
from tests.shared_material import ROOT

OURS = (*LASTING, *ONCE)
NAMES = tuple(services())


def test_compose_accepts_the_file() -> None:
    answer = compose("config", "--quiet")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_missing_secret_is_named_before_anything_starts(secret: str) -> None:
    rest = {name: value for name, value in SECRETS.items() if name != secret}
    answer = compose("config", "--quiet", environment=rest)
    assert answer.returncode != 0
    assert f"required variable {secret} is missing a value" in answer.stderr


def test_the_image_is_clean_to_hadolint() -> None:
    answer = subprocess.run(
        [program("hadolint"), "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stdout) == (0, "")


def test_the_image_runs_without_rights_and_starts_its_program_itself() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    final = lines[max(n for n, line in enumerate(lines) if line.startswith("FROM")) :]
    assert "USER 10001:10001" in final
    assert [line[:5] for line in final if line.startswith(("CMD", "ENTRYPOINT"))] == ["CMD ["]
    assert not [line for line in final if "pip" in line or "npm" in line or "apt" in line]


def test_every_process_is_a_service() -> None:
    assert set(OURS) < set(NAMES)


@pytest.mark.parametrize("name", OURS)
def test_our_processes_share_an_image_and_have_no_rights(name: str) -> None:
    service = services()[name]
    assert service["image"].startswith("ai-testops:")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["command"] is not None


@pytest.mark.parametrize("name", NAMES)
def test_every_service_has_limits_and_gains_no_privileges(name: str) -> None:
    service = services()[name]
    assert {"cpus", "memory"} <= set(service["deploy"]["resources"]["limits"])
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(ONCE)))
def test_every_lasting_service_tells_its_health(name: str) -> None:
    assert services()[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", NAMES)
def test_ports_are_bound_to_this_machine(name: str) -> None:
    assert {port["host_ip"] for port in services()[name].get("ports", [])} <= {"127.0.0.1"}


@pytest.mark.parametrize("name", NAMES)
def test_a_service_waits_for_health_or_completion(name: str) -> None:
    conditions = {need["condition"] for need in services()[name].get("depends_on", {}).values()}
    assert conditions <= {"service_healthy", "service_completed_successfully"}


def test_images_of_others_are_pinned() -> None:
    tags = {name: services()[name]["image"].rpartition(":")[2] for name in NAMES}
    assert not [name for name, tag in tags.items() if tag in {"", "latest"}]


def test_the_runner_cannot_reach_the_database() -> None:
    runner, database = services()["runner"], services()["postgres"]
    assert not [value for value in map(str, runner["environment"].values()) if "postgres" in value]
    assert not set(runner["networks"]) & set(database["networks"])


@pytest.mark.parametrize("group", [topics.Group.RESULTS, topics.Group.NOTIFICATIONS,
                                   topics.Group.ANALYTICS, topics.Group.DEAD_LETTERS])  # fmt: skip
def test_the_consumer_group_is_visible_and_is_the_process(group: str) -> None:
    assert services()[group]["labels"]["testops.consumer-group"] == group


def test_prometheus_watches_every_process_under_its_name() -> None:
    config: dict[str, Any] = yaml.safe_load((ROOT / "monitoring" / "prometheus.yml").read_text())
    watched = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]
    }
    ports = dict.fromkeys(LASTING, "9100") | {"web": "8000", "flower": "5555"}
    assert watched == {name: [f"{name}:{port}"] for name, port in ports.items()}


@pytest.mark.parametrize("name", LASTING)
def test_prometheus_shares_a_network_with_every_process(name: str) -> None:
    assert set(services()["prometheus"]["networks"]) & set(services()[name]["networks"])


#: Compose's file, and what takes a Kafka elsewhere in place of its own.
_ELSEWHERE = ("-f", "docker-compose.yml", "-f", "docker-compose.kafka.yml", "--profile", "*")


def test_a_kafka_elsewhere_is_reached_by_all_who_speak_to_it_with_their_files() -> None:
    brokers = {"TESTOPS_KAFKA_BROKERS": "kafka.example.org:9093"}
    answer = compose(*_ELSEWHERE, "config", "--format", "json", environment={**SECRETS, **brokers})
    assert (answer.returncode, answer.stderr) == (0, "")
    config = json.loads(answer.stdout)
    assert not config["networks"]["events"].get("internal")
    speakers = {name for name in OURS if "events" in services()[name]["networks"]} - {"scheduler"}
    assert set(OURS) - speakers == {"web", "migrate", "scheduler"}
    for name in speakers:
        there = config["services"][name]
        [files] = there["volumes"]
        assert (files["target"], files["read_only"]) == ("/etc/ai-testops/kafka", True)
        assert there["environment"]["TESTOPS_KAFKA_BROKERS"] == "kafka.example.org:9093"
        assert "kafka" not in there.get("depends_on", {})


def test_nothing_starts_by_its_own_kafka_where_another_is_wanted() -> None:
    answer = compose(*_ELSEWHERE, "config", "--quiet")
    assert "required variable TESTOPS_KAFKA_BROKERS is missing a value" in answer.stderr
    environment = {**SECRETS, "TESTOPS_KAFKA_BROKERS": "a:1"}
    asked = compose(*_ELSEWHERE[:4], "config", "--services", environment=environment)
    assert not {"kafka", "kafka-ui"} & set(asked.stdout.split())
