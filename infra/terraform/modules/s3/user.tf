resource "aws_iam_user" "storage" {
  # checkov:skip=CKV_AWS_273: for a client that can use neither a role nor single sign-on; off by default

  count = var.create_user ? 1 : 0

  name = "${local.name}-storage-user"
}

resource "aws_iam_user_policy" "storage" {
  # checkov:skip=CKV_AWS_40: a group with one user has no benefit

  count = var.create_user ? 1 : 0

  name   = "keep-objects"
  user   = aws_iam_user.storage[0].name
  policy = local.access_policy
}

# The provider has no write-only access keys, so the state contains this key. The user is therefore off by default.
resource "aws_iam_access_key" "storage" {
  count = var.create_user ? 1 : 0

  user = aws_iam_user.storage[0].name
}

resource "aws_secretsmanager_secret" "storage_user" {
  # checkov:skip=CKV_AWS_149: encrypted with AWS's key; no other account has access
  # checkov:skip=CKV2_AWS_57: contains an IAM access key; replacing that key writes a new value

  count = var.create_user ? 1 : 0

  name        = "${local.name}-storage-user"
  description = "Access key of the IAM user ${local.name}-storage-user."
}

resource "aws_secretsmanager_secret_version" "storage_user" {
  count = var.create_user ? 1 : 0

  secret_id = aws_secretsmanager_secret.storage_user[0].id
  secret_string_wo = jsonencode({
    accessKeyId     = aws_iam_access_key.storage[0].id
    secretAccessKey = aws_iam_access_key.storage[0].secret
  })
  secret_string_wo_version = 1

  lifecycle {
    replace_triggered_by = [aws_iam_access_key.storage[0]]
  }
}
