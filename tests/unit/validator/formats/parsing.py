"""Runs a parser on bytes in memory, as the inspection does."""

from importlib import import_module
from types import ModuleType

from validator.formats.reader import BudgetExceededError, Cost, RangeReader, TruncatedError
from validator.formats.verdict import RefusedError


def parser_of(name: str) -> ModuleType:
    folder = "riff." if name in {"avi", "webp"} else ""
    return import_module(f"validator.formats.{folder}{name}")


def reader_of(module: ModuleType, data: bytes) -> RangeReader:
    return RangeReader(lambda offset, length: data[offset : offset + length], len(data), module.BUDGET)


def outcome(module: ModuleType, data: bytes) -> str:
    """Returns the proven type or the reason of the refusal, as the inspection would."""
    if not module.recognises(data[:16384]):
        return "unsupported_type"
    try:
        return module.parse(reader_of(module, data))
    except RefusedError as refusal:
        return refusal.reason
    except (TruncatedError, BudgetExceededError):
        return "malformed"


def cost(module: ModuleType, data: bytes) -> Cost:
    """Returns what it costs to accept the file."""
    reader = reader_of(module, data)
    module.parse(reader)
    return reader.cost
