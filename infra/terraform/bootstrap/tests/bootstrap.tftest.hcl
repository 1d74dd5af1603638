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

run "every_image_has_an_immutable_repository" {
  command = apply

  override_module {
    target  = module.bucket
    outputs = { name = "phenom-dev-terraform-state-111122223333", arn = "arn:aws:s3:::mock" }
  }

  assert {
    condition = alltrue([for name in ["graphql", "auth", "storage", "functions", "clamd", "postgres"] : (
      aws_ecr_repository.this[name].name == "phenom-dev/${name}" &&
      aws_ecr_repository.this[name].image_tag_mutability == "IMMUTABLE" &&
      one(aws_ecr_repository.this[name].image_scanning_configuration).scan_on_push &&
      one(aws_ecr_repository.this[name].encryption_configuration).encryption_type == "AES256"
    )])
    error_message = "A repository is missing, or tags could move to other images."
  }

  assert {
    condition = keys(aws_ecr_lifecycle_policy.this) == keys(aws_ecr_repository.this) && alltrue([
      for policy in aws_ecr_lifecycle_policy.this :
      [for rule in jsondecode(policy.policy).rules : rule.selection.tagStatus] == ["tagged"]
    ])
    error_message = "A repository grows without limit, or a rule deletes the platforms of an image in use."
  }
}

run "environment_must_be_dev_or_prod" {
  command = plan
  variables {
    environment = "staging"
  }
  expect_failures = [var.environment]
}
