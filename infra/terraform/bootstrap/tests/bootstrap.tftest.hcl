mock_provider "aws" {
  source = "../testing"
}

variables {
  environment = "dev"
}

# Planned, not applied: what prevent_destroy keeps, a test cannot take away again.
run "a_bucket_of_its_own_for_each_environment" {
  command = plan

  assert {
    condition     = output.init_command == "terraform init -backend-config=bucket=phenom-dev-terraform-state-111122223333"
    error_message = "The command to begin with names another bucket."
  }

  assert {
    condition = (
      aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled" &&
      aws_s3_bucket_public_access_block.state.restrict_public_buckets
    )
    error_message = "Old states are lost, or states are public."
  }
}

run "environment_is_one_of_ours" {
  command = plan
  variables {
    environment = "staging"
  }
  expect_failures = [var.environment]
}
