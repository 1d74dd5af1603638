"""The process that fuzzes one target: `python -m tests.fuzz.engine TARGET`, then libFuzzer's arguments."""

import random
import sys

import atheris


def main() -> None:
    with atheris.instrument_imports(include=["validator", "uploads", "presign"], enable_loader_override=False):
        from tests.fuzz.targets import TARGETS
    name, *options = sys.argv[1:]
    target = TARGETS[name]

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        return target.mutate(bytes(data), most, random.Random(seed), atheris.Mutate)

    atheris.Setup([sys.argv[0], *options], target.check, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
