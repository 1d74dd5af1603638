mock_provider "aws" {
  source = "../../testing"
}

variables {
  name = "phenom-test-storage-111122223333"
}

run "name_must_be_valid_for_s3" {
  command = plan
  variables {
    name = "Phenom_Storage"
  }
  expect_failures = [var.name]
}

run "statements_must_be_json" {
  command = plan
  variables {
    statements = ["allow everything"]
  }
  expect_failures = [var.statements]
}
