"""Every accepted media type has a parser, samples, and its place in the README."""

import pytest

from testkit.corpus import bad_impostors, generate, sample
from tests.e2e import samples as small_files
from tests.fuzz import oracles
from tests.fuzz.seeds import seeds_of
from tests.unit.test_documentation import ROOT
from tests.unit.validator.formats.samples import VALID
from uploads.media_types import MEDIA_TYPES
from validator.inspection import FORMATS

TYPES = MEDIA_TYPES.keys()


def test_every_type_has_a_parser_and_a_valid_sample_of_unit_tests():
    assert TYPES == FORMATS.keys() == VALID.keys()


def test_every_type_has_a_small_file_for_end_to_end_tests():
    assert {*small_files.VIDEO_RECIPES, *small_files.IMAGE_FORMATS, "image/svg+xml"} == TYPES


def test_every_type_has_a_valid_sample_in_the_corpus():
    sources = "".join(path.read_text(encoding="utf-8") for path in generate.HERE.glob("good_*.py"))
    constants = {mime: name for name, mime in vars(sample).items() if isinstance(mime, str) and mime in TYPES}
    assert [mime for mime in TYPES if constants.get(mime, "?") not in sources] == []


def test_corpus_has_the_first_bytes_of_every_type_for_files_that_only_start_well():
    assert bad_impostors.MAGIC.keys() == TYPES


@pytest.mark.parametrize("parser", oracles.PARSERS)
def test_every_parser_is_fuzzed_with_seeds(parser: str):
    assert seeds_of(parser)


def test_readme_names_every_type():
    *names, last = (kind.name for kind in MEDIA_TYPES.values())
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"Accepted are {', '.join(names)} and {last} up to" in readme
