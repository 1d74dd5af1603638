mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
}

run "abandoned_parts_and_old_versions_expire" {
  command = apply

  variables {
    noncurrent_version_days = 30
  }

  assert {
    condition = one(flatten([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule :
      rule.abort_incomplete_multipart_upload[*].days_after_initiation
    ])) == 7
    error_message = "Incomplete multipart uploads are not aborted after 7 days."
  }

  assert {
    condition = one(flatten([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule :
      rule.noncurrent_version_expiration[*].noncurrent_days
    ])) == 30
    error_message = "Old versions do not expire after noncurrent_version_days."
  }

  assert {
    condition = {
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id => rule.status
    }["intelligent-tiering"] == "Disabled"
    error_message = "Intelligent-Tiering is enabled by default."
  }
}

run "intelligent_tiering_is_optional" {
  command = apply

  variables {
    intelligent_tiering = true
  }

  assert {
    condition = one(flatten([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule :
      [for move in rule.transition : move.storage_class] if rule.status == "Enabled"
    ])) == "INTELLIGENT_TIERING"
    error_message = "Objects do not move to Intelligent-Tiering."
  }
}

run "cors_allows_only_the_given_origins" {
  command = apply

  variables {
    cors_allowed_origins = ["https://app.example.org"]
  }

  assert {
    condition     = one(aws_s3_bucket_cors_configuration.this[0].cors_rule).allowed_origins == toset(["https://app.example.org"])
    error_message = "The CORS rule allows other origins."
  }
}

run "no_user_and_no_cors_by_default" {
  command = apply

  assert {
    condition     = length(aws_iam_user.storage) == 0 && length(aws_iam_access_key.storage) == 0
    error_message = "There is an IAM user by default."
  }

  assert {
    condition     = output.access_key_id == null && output.user_secret_arn == null
    error_message = "Outputs refer to a user that does not exist."
  }

  assert {
    condition     = length(aws_s3_bucket_cors_configuration.this) == 0
    error_message = "There are CORS rules by default."
  }
}

run "user_key_is_stored_in_secrets_manager" {
  command = apply

  variables {
    create_user = true
  }

  assert {
    condition     = aws_iam_user.storage[0].name == "phenom-test-storage-user"
    error_message = "The user has another name."
  }

  assert {
    condition     = output.access_key_id == aws_iam_access_key.storage[0].id && output.user_secret_arn != null
    error_message = "access_key_id or user_secret_arn does not refer to the user's key."
  }

  assert {
    condition     = aws_secretsmanager_secret_version.storage_user[0].secret_string == null
    error_message = "The state also contains the value of the secret."
  }

  assert {
    condition = flatten([
      for statement in jsondecode(aws_iam_user_policy.storage[0].policy).Statement : statement.Resource
    ]) == ["arn:aws:s3:::mock", "arn:aws:s3:::mock/*"]
    error_message = "The user has access to more than the bucket."
  }
}
