"""Container images in the environment's registry."""

from phenom.images import image_list
from phenom.preflight.images import check_images
from tests.unit.phenom.preflight.world import World, state_of


def test_registry_without_repositories_names_bootstrap_and_push(world: World):
    check = check_images(world.cloud())
    assert state_of(check) == "missing"
    assert "phenom-dev/graphql" in check.found
    assert "bootstrap" in check.remedy
    assert check.remedy.endswith("phenom push-images development")


def test_image_that_was_not_pushed_is_named(world: World):
    world.push_images(without="storage")
    check = check_images(world.cloud())
    assert state_of(check) == "missing"
    assert check.found.endswith("not there: storage")


def test_full_registry_is_ok(world: World):
    world.push_images()
    assert state_of(check_images(world.cloud())) == "ok"
    asked = {params["imageIds"][0]["imageTag"] for name, params in world.calls if name == "DescribeImages"}
    assert asked == {each.tag for each in image_list.read().values()}
