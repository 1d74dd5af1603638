mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment        = "test"
  subject            = "repo:phenom-example/phenom"
  github_environment = "testing"
}

run "environment_is_a_short_name" {
  command = plan
  variables {
    environment = "*"
  }
  expect_failures = [var.environment]
}

run "subject_has_no_wildcard" {
  command = plan
  variables {
    subject = "repo:phenom-example/*"
  }
  expect_failures = [var.subject]
}

run "github_environment_is_one_word" {
  command = plan
  variables {
    github_environment = "testing:*"
  }
  expect_failures = [var.github_environment]
}
