mock_provider "aws" {
  source = "../testing"
}

variables {
  environment = "dev"
}

run "each_environment_has_its_own_bucket" {
  command = apply

  override_module {
    target  = module.bucket
    outputs = { name = "phenom-dev-terraform-state-111122223333", arn = "arn:aws:s3:::mock" }
  }

  assert {
    condition     = output.init_command == "terraform init -backend-config=bucket=phenom-dev-terraform-state-111122223333"
    error_message = "init_command names another bucket."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.state.rule[0].noncurrent_version_expiration[0].noncurrent_days == 90
    error_message = "Old states are not kept for 90 days."
  }
}

run "environment_must_be_dev_or_prod" {
  command = plan
  variables {
    environment = "staging"
  }
  expect_failures = [var.environment]
}
