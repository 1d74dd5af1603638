resource "aws_iam_user" "storage" {
  # checkov:skip=CKV_AWS_273: for a client that can have neither a role nor single sign-on; made only when asked for

  count = var.create_user ? 1 : 0

  name = "${local.name}-storage-user"
}

resource "aws_iam_user_policy" "storage" {
  # checkov:skip=CKV_AWS_40: a group for one user would be no gain

  count = var.create_user ? 1 : 0

  name   = "keep-objects"
  user   = aws_iam_user.storage[0].name
  policy = local.access_policy
}

# The provider has no write-only form of an access key: the state holds it, which is why no user is made unasked.
resource "aws_iam_access_key" "storage" {
  count = var.create_user ? 1 : 0

  user = aws_iam_user.storage[0].name
}

resource "aws_secretsmanager_secret" "storage_user" {
  # checkov:skip=CKV_AWS_149: AWS's own key encrypts it; nobody outside this account is given access
  # checkov:skip=CKV2_AWS_57: it holds what IAM gave; replacing the access key writes it anew

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
