mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
}

run "what_is_abandoned_or_replaced_goes" {
  command = apply

  variables {
    noncurrent_version_days = 30
  }

  assert {
    condition = one(flatten([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule :
      rule.abort_incomplete_multipart_upload[*].days_after_initiation
    ])) == 7
    error_message = "Abandoned parts are not removed after 7 days."
  }

  assert {
    condition = one(flatten([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule :
      rule.noncurrent_version_expiration[*].noncurrent_days
    ])) == 30
    error_message = "Old versions do not expire as asked."
  }

  assert {
    condition = {
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id => rule.status
    }["intelligent-tiering"] == "Disabled"
    error_message = "Objects change their storage class unasked."
  }
}

run "intelligent_tiering_when_asked" {
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

run "cors_only_for_the_origins_named" {
  command = apply

  variables {
    cors_allowed_origins = ["https://app.example.org"]
  }

  assert {
    condition     = one(aws_s3_bucket_cors_configuration.this[0].cors_rule).allowed_origins == toset(["https://app.example.org"])
    error_message = "Other origins are allowed."
  }
}

run "no_user_and_no_cors_unasked" {
  command = apply

  assert {
    condition     = length(aws_iam_user.storage) == 0 && length(aws_iam_access_key.storage) == 0
    error_message = "There is a user that nobody asked for."
  }

  assert {
    condition     = output.access_key_id == null && output.user_secret_arn == null
    error_message = "Outputs name a user that does not exist."
  }

  assert {
    condition     = length(aws_s3_bucket_cors_configuration.this) == 0
    error_message = "There are CORS rules that nobody asked for."
  }
}

run "the_users_key_is_in_secrets_manager_alone" {
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
    error_message = "The user's key cannot be found."
  }

  assert {
    condition     = aws_secretsmanager_secret_version.storage_user[0].secret_string == null
    error_message = "The secret's value is in the state a second time."
  }

  assert {
    condition = flatten([
      for statement in jsondecode(aws_iam_user_policy.storage[0].policy).Statement : statement.Resource
    ]) == ["arn:aws:s3:::mock", "arn:aws:s3:::mock/*"]
    error_message = "The user reaches more than the bucket."
  }
}
