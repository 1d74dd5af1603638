mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment        = "test"
  subject            = "repo:acme/phenom"
  github_environment = "testing"

  private_subnet_ids       = ["subnet-a"]
  lambda_security_group_id = "sg-lambda"
}

run "subnets_must_be_named" {
  command = plan
  variables {
    private_subnet_ids = []
  }
  expect_failures = [var.private_subnet_ids]
}

run "security_group_must_be_named" {
  command = plan
  variables {
    lambda_security_group_id = ""
  }
  expect_failures = [var.lambda_security_group_id]
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
    subject = "repo:acme/*"
  }
  expect_failures = [var.subject]
}

run "subject_must_not_be_an_example" {
  command = plan
  variables {
    subject = "repo:phenom-example/phenom-serverless"
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
