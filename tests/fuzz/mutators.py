"""Mutators: of bytes, which break sizes and checksums, and of trees, which keep these right."""

import random
import re
from collections.abc import Callable

from tests.fuzz.trees import Layout, Node, parse, write

type ChangeBytes = Callable[[bytes, int], bytes]
"""The fuzzer's built-in mutation of some bytes, into at most that many."""

type Mutator = Callable[[bytes, int, random.Random, ChangeBytes], bytes]

_LONGEST_PATTERN = 48


def mutate_bytes(data: bytes, most: int, chance: random.Random, change: ChangeBytes) -> bytes:
    """Mostly applies the fuzzer's mutation, sometimes a long repetition, which reveals quadratic work.

    Returns at most `most` bytes, as all mutators do.
    """
    if data and chance.random() < 0.04:
        at = chance.randrange(len(data))
        pattern = data[at : at + chance.randint(1, _LONGEST_PATTERN)]
        times = chance.choice((8, 100, 1000, 20_000))
        return (data[:at] + pattern * times + data[at:])[:most]
    return change(data, most)


def tree_mutator(layout: Layout, start: int = 0) -> Mutator:
    """Changes one part of a file and corrects all sizes and checksums; one time in three changes only bytes."""

    def mutate(data: bytes, most: int, chance: random.Random, change: ChangeBytes) -> bytes:
        way = chance.random()
        if way < 0.3:
            return mutate_bytes(data, most, chance, change)
        if way < 0.45:
            return write(layout, parse(layout, change(data, most), start))[:most]
        tree = parse(layout, data, start)
        _change(tree, layout, chance, lambda part: change(part, min(most, 2 * len(part) + 16)))
        return write(layout, tree)[:most]

    return mutate


_PIECES = re.compile(rb"<[^>]*>?|[^<]+")
_ELEMENTS = (
    b"<script/>", b"<x:script>", b"<style>@import 'a'</style>", b"<style>a{b:url(//c)}</style>", b"<foreignObject/>",
    b"<a xlink:href='javascript:1'>", b"</a>", b"<use href='#a'/>", b"<set attributeName='href' to='javascript:1'/>",
    b"<image href='data:image/svg+xml,a'/>", b"<!--<script>-->", b"<![CDATA[<script>]]>",
    b"<?xml-stylesheet?>",
    b"<p xmlns='http://www.w3.org/1999/xhtml'/>", b"<!DOCTYPE svg [<!ENTITY a 'b'>]>", b"&a;", b"<?php ?>",
)  # fmt: skip
_ATTRIBUTES = (
    b" onload='a'", b" ONclick='a'", b" href='//a'", b" xlink:href='#a'", b" xmlns='http://www.w3.org/1999/xhtml'",
    b" xmlns:x='http://www.w3.org/2000/svg'", b" xmlns='http://www.w3.org/2000/svg'", b" style='a:url(//b)'",
    b" xml:base='//a'", b" requiredExtensions='http://ns.adobe.com/AdobeIllustrator/10.0/'", b" id='a'",
    b" fill='url(http://a)'", b" src='//a'", b" xlink:href='data:image/png;base64,iVBORw0KGgo='",
)  # fmt: skip


def mutate_markup(data: bytes, most: int, chance: random.Random, change: ChangeBytes) -> bytes:
    """Changes a drawing tag by tag and inserts active content; half of the time changes only bytes."""
    pieces = _PIECES.findall(data)
    if not pieces or chance.random() < 0.5:
        return mutate_bytes(data, most, chance, change)
    at = chance.randrange(len(pieces))
    piece = pieces[at]
    match chance.randrange(6):
        case 0:
            pieces[at:at] = pieces[at : at + chance.randint(1, 4)] * chance.choice((1, 1, 30))
        case 1:
            del pieces[at]
        case 2:
            pieces.insert(at + 1, chance.choice(_ELEMENTS))
        case 3:
            end = len(piece) - (2 if piece.endswith(b"/>") else 1)
            pieces[at] = piece[:end] + chance.choice(_ATTRIBUTES) + piece[end:]
        case 4:
            letter = chance.randrange(len(piece))
            pieces[at] = piece[:letter] + b"&#x%x;" % piece[letter] + piece[letter + 1 :]
        case _:
            pieces[at] = change(piece, len(piece) + 32)
    return b"".join(pieces)[:most]


def after_prefix(prefix: int, mutator: Mutator) -> Mutator:
    """Mutates inputs whose first `prefix` bytes are choices of the target and whose rest is a file."""

    def mutate(data: bytes, most: int, chance: random.Random, change: ChangeBytes) -> bytes:
        if len(data) <= prefix or chance.random() < 0.1:
            return change(data, most)
        return data[:prefix] + mutator(data[prefix:], most - prefix, chance, change)

    return mutate


def by_format(recognised: tuple[tuple[Callable[[bytes], bool], Mutator], ...]) -> Mutator:
    """Selects the mutator of the format that the bytes begin like."""

    def mutate(data: bytes, most: int, chance: random.Random, change: ChangeBytes) -> bytes:
        for recognises, mutator in recognised:
            if recognises(data):
                return mutator(data, most, chance, change)
        return mutate_bytes(data, most, chance, change)

    return mutate


def _change(tree: Node, layout: Layout, chance: random.Random, change: Callable[[bytes], bytes]) -> None:
    parents = [node for node in tree.walk() if node.children]
    if not parents:
        tree.children.append(Node(chance.choice(layout.kinds), b""))
        return
    siblings = chance.choice(parents).children
    at = chance.randrange(len(siblings))
    node = siblings[at]
    match chance.randrange(8):
        case 0:
            siblings.insert(chance.randint(0, len(siblings)), node)
        case 1:
            del siblings[at]
        case 2:
            other = chance.randrange(len(siblings))
            siblings[at], siblings[other] = siblings[other], node
        case 3:
            node.kind = chance.choice(layout.kinds)
        case 4:
            siblings.insert(at, Node(chance.choice(layout.kinds), chance.randbytes(chance.choice((0, 1, 4, 40)))))
        case 5:
            siblings[at : at + 1] = [node] * chance.choice((2, 20, 400))
        case _:
            leaf = chance.choice([inner for inner in node.walk() if inner.body or not inner.children])
            leaf.body = change(leaf.body)
