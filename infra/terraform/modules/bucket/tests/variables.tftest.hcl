mock_provider "aws" {
  source = "../../testing"
}

variables {
  name = "phenom-test-storage-111122223333"
}

run "name_is_one_that_s3_takes" {
  command = plan
  variables {
    name = "Phenom_Storage"
  }
  expect_failures = [var.name]
}

run "statements_are_json" {
  command = plan
  variables {
    statements = ["allow everything"]
  }
  expect_failures = [var.statements]
}
