locals {
  name = "phenom-${var.environment}"

  # uuid() returns 122 new random bits in every run. The values are only used in a write-only argument, so they are in
  # neither plan nor state, and they are only sent when the generation changes. An ephemeral random_password would also work
  # but needs another provider.
  admin_secret      = sha256("${uuid()}${uuid()}")
  database_password = sha256("${uuid()}${uuid()}")
}

# user_sync reads hasuraEndpoint and hasuraAdminSecret; ECS injects hasuraAdminSecret and databaseUrl into the containers.
resource "aws_secretsmanager_secret" "app" {
  # checkov:skip=CKV_AWS_149: encrypted with AWS's key; no other account has access
  # checkov:skip=CKV2_AWS_57: rotated by hand (secret_generation) unless a rotation function is set

  name                    = "${local.name}-app-secrets"
  description             = "Hasura's endpoint, admin secret and database URL."
  recovery_window_in_days = var.recovery_window_days
}

resource "aws_secretsmanager_secret_version" "app" {
  secret_id = aws_secretsmanager_secret.app.id
  secret_string_wo = jsonencode({
    hasuraEndpoint    = var.hasura_endpoint
    hasuraAdminSecret = local.admin_secret
    databaseUrl = format(
      "postgres://%s:%s@%s:%d/%s?sslmode=require",
      var.database.role, local.database_password, var.database.host, var.database.port, var.database.name
    )
  })
  secret_string_wo_version = var.generation
}

resource "aws_secretsmanager_secret_rotation" "app" {
  # checkov:skip=CKV_AWS_304: a validation of the variable allows at most 90 days, which the check cannot see

  count = var.rotation == null ? 0 : 1

  secret_id           = aws_secretsmanager_secret.app.id
  rotation_lambda_arn = var.rotation.function_arn

  rotation_rules {
    automatically_after_days = var.rotation.days
  }
}
