mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = "a"
  }
  expect_failures = [var.environment]
}

run "cors_allowed_origins_must_be_origins" {
  command = plan
  variables {
    cors_allowed_origins = ["https://app.example.org/"]
  }
  expect_failures = [var.cors_allowed_origins]
}

run "noncurrent_version_days_must_be_positive" {
  command = plan
  variables {
    noncurrent_version_days = 0
  }
  expect_failures = [var.noncurrent_version_days]
}
