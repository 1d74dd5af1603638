mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment        = "test"
  subject            = "repo:phenom-example/phenom"
  github_environment = "testing"
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "*"
  }
  expect_failures = [var.environment]
}

run "subject_must_have_no_wildcard" {
  command = plan
  variables {
    subject = "repo:phenom-example/*"
  }
  expect_failures = [var.subject]
}

run "github_environment_must_be_one_word" {
  command = plan
  variables {
    github_environment = "testing:*"
  }
  expect_failures = [var.github_environment]
}
