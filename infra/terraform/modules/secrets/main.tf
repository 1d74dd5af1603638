locals {
  name = "phenom-${var.environment}"

  # uuid() returns 122 new random bits in every run. The values are only used in a write-only argument, so they are in
  # neither plan nor state, and they are only sent when the generation changes. An ephemeral random_password would also work
  # but needs another provider.
  admin_secret      = sha256("${uuid()}${uuid()}")
  database_password = sha256("${uuid()}${uuid()}")
  auth_jwt_key      = sha256("${uuid()}${uuid()}")

  database_url = format(
    "postgres://%s:%s@%s:%d/%s?sslmode=",
    var.database.role, local.database_password, var.database.host, var.database.port, var.database.name
  )

  # The auth service signs its tokens with this key and Hasura verifies them with it.
  auth_jwt = {
    type             = "HS256"
    key              = local.auth_jwt_key
    issuer           = "${local.name}-auth"
    claims_namespace = "https://hasura.io/jwt/claims"
    claims_format    = "json"
  }

  # ECS can only inject whole values, so every environment variable that contains a secret has its own key.
  values = {
    hasuraEndpoint    = var.hasura_endpoint
    hasuraAdminSecret = local.admin_secret
    databaseUrl       = "${local.database_url}require"
    # Only for the migrations of auth, which node-postgres runs: with `require` it verifies RDS's certificate, whose CA the image
    # does not contain. With `no-verify` it encrypts without verifying, as all others do with `require`.
    authMigrationsUrl = "${local.database_url}no-verify"
    authJwtSecret     = jsonencode(local.auth_jwt)
    hasuraJwtSecrets  = jsonencode([jsondecode(var.cognito_jwt), local.auth_jwt])
  }
}

# user_sync reads hasuraEndpoint and hasuraAdminSecret; ECS injects all values but the endpoint into the containers.
resource "aws_secretsmanager_secret" "app" {
  # checkov:skip=CKV_AWS_149: encrypted with AWS's key; no other account has access
  # checkov:skip=CKV2_AWS_57: rotated by hand (secret_generation) unless a rotation function is set

  name                    = "${local.name}-app-secrets"
  description             = "Endpoint, admin secret, database URLs and JWT keys of Hasura and auth."
  recovery_window_in_days = var.recovery_window_days
}

resource "aws_secretsmanager_secret_version" "app" {
  secret_id                = aws_secretsmanager_secret.app.id
  secret_string_wo         = jsonencode(local.values)
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
