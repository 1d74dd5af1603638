mock_provider "aws" {
  source = "../testing"
}

variables {
  environment = "dev"
}

# A plan, because an apply would write into environments/development/backend.tf.
run "backend_of_the_environment_names_the_bucket" {
  command = plan

  override_module {
    target  = module.bucket
    outputs = { name = "phenom-dev-terraform-state-111122223333", arn = "arn:aws:s3:::mock" }
  }

  assert {
    condition = can(regex(
      "backend \"s3\" {\n    bucket       = \"phenom-dev-terraform-state-111122223333\"\n    key          = \"phenom-dev.tfstate\"\n",
      terraform_data.backend.triggers_replace
    ))
    error_message = "backend.tf names another bucket."
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
