mock_provider "aws" {
  source = "../testing"
}

variables {
  environment = "dev"
}

run "a_bucket_of_its_own_for_each_environment" {
  command = apply

  override_module {
    target  = module.bucket
    outputs = { name = "phenom-dev-terraform-state-111122223333", arn = "arn:aws:s3:::mock" }
  }

  assert {
    condition     = output.init_command == "terraform init -backend-config=bucket=phenom-dev-terraform-state-111122223333"
    error_message = "The command to begin with names another bucket."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.state.rule[0].noncurrent_version_expiration[0].noncurrent_days == 90
    error_message = "Old states go too early, or never."
  }
}

run "environment_is_one_of_ours" {
  command = plan
  variables {
    environment = "staging"
  }
  expect_failures = [var.environment]
}
