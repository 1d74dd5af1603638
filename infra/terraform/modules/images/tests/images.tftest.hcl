mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
}

run "listed_images_are_referenced_by_digest_in_the_own_registry" {
  command = apply

  variables {
    images = { graphql = "graphql", database_role = "postgres", auth = null }
  }

  assert {
    condition = alltrue([
      output.references.graphql == "111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom-test/graphql@${data.aws_ecr_image.pushed["graphql"].image_digest}",
      output.references.database_role == "111122223333.dkr.ecr.us-east-1.amazonaws.com/phenom-test/postgres@${data.aws_ecr_image.pushed["graphql"].image_digest}",
      output.references.auth == null,
    ])
    error_message = "A listed image has another reference."
  }
}

run "image_of_another_registry_is_used_as_given" {
  command = plan

  variables {
    images = { graphql = "registry.example.org/graphql@sha256:75fb5fd95fcbe1d7e6d240c369c1572b686ee2c95949d1042b5148de8eddebb4" }
  }

  assert {
    condition     = output.references.graphql == var.images.graphql && length(data.aws_ecr_image.pushed) == 0
    error_message = "The image was changed or looked up."
  }
}

run "fixed_digest_is_used_and_part_of_the_tag" {
  command = apply

  variables {
    images = { clamd = "clamd-base" }
  }

  assert {
    condition     = endswith(data.aws_ecr_image.pushed["clamd"].image_tag, "-75fb5fd95fcb")
    error_message = "An image with another digest would have the same tag, which the registry refuses."
  }

  assert {
    condition     = endswith(output.references.clamd, "@sha256:75fb5fd95fcbe1d7e6d240c369c1572b686ee2c95949d1042b5148de8eddebb4")
    error_message = "Another image under the same tag would run."
  }
}
