"""Mutated trees have right sizes and checksums."""

import random

import pytest

from testkit.samples import images, videos
from tests.fuzz import trees
from tests.fuzz.mutators import after_prefix, by_format, mutate_bytes, mutate_markup, tree_mutator
from tests.fuzz.oracles import check_parser
from tests.fuzz.targets import PARSERS

LAYOUTS = {
    "jpeg": (trees.Segments(), 2, images.jpeg()),
    "png": (trees.Png(), 8, images.png()),
    "webp": (trees.Riff(), 0, images.saved(images.picture(), "WEBP")),
    "avi": (trees.Riff(), 0, videos.avi()),
    "isobmff": (trees.Boxes(), 0, videos.mp4()),
    "webm": (trees.Ebml(), 0, videos.webm()),
    "asf": (trees.Asf(), 0, videos.asf()),
}
MOST = 48 * 1024


def flipped(data, most):
    """Stands in for the fuzzer's mutation."""
    return bytes(byte ^ 1 for byte in data)[:most]


@pytest.mark.parametrize("name", LAYOUTS)
def test_parsed_file_is_written_back_unchanged(name):
    layout, start, data = LAYOUTS[name]
    tree = trees.parse(layout, data, start)
    assert trees.write(layout, tree) == data
    assert sum(node.kind is not None for node in tree.walk()) >= 2, "no parts found"


@pytest.mark.parametrize("name", LAYOUTS)
def test_longer_part_makes_its_parents_longer(name):
    """The validator's parser still accepts the file."""
    layout, start, data = LAYOUTS[name]
    tree = trees.parse(layout, data, start)
    extra = {
        "jpeg": b"\xff\xfe",
        "png": b"teSt",
        "webp": b"TEST",
        "avi": b"JUNK",
        "webm": b"\xec\x80",
        "asf": bytes(16),
    }
    parent = next((node for node in tree.walk() if node.kind and node.children), tree)
    at = 1 if parent is tree else len(parent.children)
    parent.children.insert(at, trees.Node(extra.get(name, b"free"), b"nothing"))
    grown = trees.write(layout, tree)
    assert len(grown) > len(data)
    if name != "asf":  # its header also has the length of the whole file
        assert check_parser(name, PARSERS[name], grown).startswith(("image/", "video/"))


@pytest.mark.parametrize("name", LAYOUTS)
def test_mutations_are_repeatable_and_within_the_limit(name):
    layout, start, data = LAYOUTS[name]
    for mutate in (
        tree_mutator(layout, start),
        after_prefix(3, tree_mutator(layout, start)),
        by_format(((bool, mutate_bytes),)),
        mutate_markup,
    ):
        for seed in range(60):
            first, second = (mutate(data, MOST, random.Random(seed), flipped) for _ in range(2))
            assert first == second
            assert len(first) <= MOST


@pytest.mark.parametrize("name", LAYOUTS)
def test_any_bytes_can_be_parsed_without_loss(name):
    layout, start, data = LAYOUTS[name]
    chance = random.Random(1)
    for _ in range(200):
        at = chance.randrange(len(data))
        odd = data[:at] + chance.randbytes(chance.randrange(20)) + data[at + 3 :]
        tree = trees.parse(layout, odd, start)
        assert sum(len(node.body) for node in tree.walk()) <= len(odd)
        trees.write(layout, tree)
