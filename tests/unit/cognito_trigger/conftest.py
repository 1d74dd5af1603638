"""Imports the pre-token trigger as a cold start does."""

from collections.abc import Callable
from types import ModuleType

import pytest

from testkit.wiring import COGNITO_TRIGGER, import_fresh

type Start = Callable[..., ModuleType]


@pytest.fixture
def start(monkeypatch) -> Start:
    """Imports the handler with the settings of the event cases; `environment` overrides them."""

    def start_with(**environment: str) -> ModuleType:
        return import_fresh(monkeypatch, "cognito_trigger.handler", {**COGNITO_TRIGGER, **environment})

    return start_with
