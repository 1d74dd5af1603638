# Random values, generated here; neither plan nor state contains them (see module secrets).
resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV_AWS_149: encrypted with AWS's key; no other account has access
  # checkov:skip=CKV2_AWS_57: rotated by hand (secret.generation), because Synapse reads it only when it starts

  name                    = local.full_name
  description             = "Macaroon, form and registration secrets of Synapse."
  recovery_window_in_days = var.secret.recovery_window_days
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret.this.id
  secret_string_wo = jsonencode({
    macaroonSecret     = sha256("${uuid()}${uuid()}")
    formSecret         = sha256("${uuid()}${uuid()}")
    registrationSecret = sha256("${uuid()}${uuid()}")
  })
  secret_string_wo_version = var.secret.generation
}

# Terraform never writes a value to the following two, so it cannot overwrite what an operator has put there, also not after an
# import. Without a value, ECS does not start the task and names the secret.
resource "aws_secretsmanager_secret" "signing_key" {
  # checkov:skip=CKV_AWS_149: encrypted with AWS's key; no other account has access
  # checkov:skip=CKV2_AWS_57: the server's identity; a lost or changed key cannot be replaced

  name                    = "${local.full_name}-signing-key"
  description             = "Signing key of Synapse, put by an operator: docs/operations/synapse.md"
  recovery_window_in_days = var.secret.recovery_window_days
}

resource "aws_secretsmanager_secret" "sign_in" {
  # checkov:skip=CKV_AWS_149: encrypted with AWS's key; no other account has access
  # checkov:skip=CKV2_AWS_57: rotated together with Cognito's app client

  name                    = "${local.full_name}-sign-in"
  description             = "Secret of Cognito's app client for Synapse, put by an operator: docs/operations/synapse.md"
  recovery_window_in_days = var.secret.recovery_window_days
}
