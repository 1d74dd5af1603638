mock_provider "aws" {
  source = "../../testing"
}

variables {
  name = "phenom-test-storage-111122223333"
}

run "bucket_is_private_encrypted_and_versioned" {
  command = apply

  assert {
    condition     = aws_s3_bucket.this.bucket == "phenom-test-storage-111122223333"
    error_message = "The bucket has another name."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "Public access is not fully blocked."
  }

  assert {
    condition = one([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      rule.apply_server_side_encryption_by_default[0].sse_algorithm
    ]) == "AES256"
    error_message = "The bucket is not encrypted with AES256."
  }

  assert {
    condition = (
      aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled" &&
      aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    )
    error_message = "The bucket is not versioned, or allows ACLs."
  }
}

run "requests_without_tls_are_denied" {
  command = apply

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement == [{
      Sid       = "RequireTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::mock", "arn:aws:s3:::mock/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "Requests without TLS are not denied."
  }
}

run "additional_statements_are_in_the_policy" {
  command = apply

  variables {
    statements = ["{\"Sid\": \"Write\", \"Effect\": \"Allow\"}"]
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid] == ["Write", "RequireTls"]
    error_message = "A statement is missing."
  }
}
