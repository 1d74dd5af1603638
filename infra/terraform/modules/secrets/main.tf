locals {
  name = "phenom-${var.environment}"

  # uuid() gives 122 random bits at each run, known to nobody before the apply. Used in a write-only argument alone, they
  # come into neither plan nor state, and a later run's are not sent while the generation stays the same. (An ephemeral
  # random_password would do as well; this needs no other provider.)
  admin_secret      = sha256("${uuid()}${uuid()}")
  database_password = sha256("${uuid()}${uuid()}")
}

# user_sync reads hasuraEndpoint and hasuraAdminSecret; ECS gives Hasura hasuraAdminSecret and databaseUrl.
resource "aws_secretsmanager_secret" "app" {
  # checkov:skip=CKV_AWS_149: AWS's own key encrypts it; nobody outside this account is given access
  # checkov:skip=CKV2_AWS_57: rotated by hand (secret_generation) until a rotating function is given

  name                    = "${local.name}-app-secrets"
  description             = "Hasura's endpoint and admin secret, and its database."
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
  # checkov:skip=CKV_AWS_304: the variable allows 90 days at most, which the check cannot see

  count = var.rotation == null ? 0 : 1

  secret_id           = aws_secretsmanager_secret.app.id
  rotation_lambda_arn = var.rotation.function_arn

  rotation_rules {
    automatically_after_days = var.rotation.days
  }
}
