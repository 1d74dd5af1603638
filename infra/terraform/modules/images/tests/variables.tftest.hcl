mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  images      = { graphql = "graphql" }
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "Test"
  }
  expect_failures = [var.environment]
}

run "image_must_not_have_a_tag" {
  command = plan
  variables {
    images = { graphql = "hasura/graphql-engine:v2.46.0" }
  }
  expect_failures = [var.images]
}
