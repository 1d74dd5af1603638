"""A deployed function's variables with loopback addresses replaced for a container."""

import pytest

from local.sam_local import settings
from local.sam_local.settings import reached_from

GATEWAY = "172.18.0.1"
ENDPOINT = "http://127.0.0.1:4566"


def reached(**deployed):
    return reached_from(GATEWAY, deployed, ENDPOINT)


def test_emulator_is_reached_at_the_gateway():
    found = reached()
    assert found == settings.Settings({"AWS_ENDPOINT_URL": "http://172.18.0.1:4566"}, frozenset({4566}))


@pytest.mark.parametrize(
    ("url", "there", "port"),
    [
        ("http://localhost:4566/000000000000/q", "http://172.18.0.1:4566/000000000000/q", 4566),
        ("http://127.0.0.1:8081", "http://172.18.0.1:8081", 8081),
        ("http://localhost", "http://172.18.0.1", 80),
        ("https://localhost/v1", "https://172.18.0.1/v1", 443),
    ],
)
def test_queue_url_is_reached_at_the_gateway(url, there, port):
    found = reached(QUEUE_URL=url)
    assert (found.variables["QUEUE_URL"], found.ports) == (there, {4566, port})


def test_clamd_is_reached_at_the_gateway():
    found = reached(CLAMAV_HOST="127.0.0.1", CLAMAV_PORT="3310")
    assert (found.variables["CLAMAV_HOST"], found.variables["CLAMAV_PORT"]) == (GATEWAY, "3310")
    assert found.ports == {4566, 3310}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLAMAV_HOST", "none"),
        ("CLAMAV_HOST", "clamd.example.org"),
        ("CLAMAV_HOST", "localhost.example.org"),
        ("QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/000000000000/q"),
        ("QUEUE_URL", "http://localhost.example.org:80/q"),
        ("ALLOWED_ORIGIN", "http://localhost:5173"),
        ("ROLES_BY_GROUP", '{"127.0.0.1": "http://localhost:1"}'),
    ],
)
def test_other_values_are_unchanged(name, value):
    found = reached(**{name: value})
    assert (found.variables[name], found.ports) == (value, {4566})
