data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name = "phenom-${var.environment}"

  # SAM deploys these functions under fixed names, so Terraform can reference them before they exist. SAM also grants Cognito
  # the permission to invoke them. Users cannot sign in until SAM has deployed.
  triggers = {
    for name in ["hasura-cognito-trigger", "hasura-cognito-sync-users"] : name => join(":", concat([
      "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.region}",
      data.aws_caller_identity.current.account_id, "function", "${local.name}-${name}",
    ], var.trigger_qualifier[*]))
  }
}

resource "aws_cognito_user_pool" "this" {
  name                     = local.name
  user_pool_tier           = var.user_pool_tier
  deletion_protection      = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  mfa_configuration        = var.mfa
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]

  username_configuration {
    case_sensitive = false
  }

  # A changed address takes effect only after the user has verified it.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  password_policy {
    minimum_length                   = 8
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = true
    temporary_password_validity_days = 7
  }

  admin_create_user_config {
    allow_admin_create_user_only = !var.self_registration
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  dynamic "software_token_mfa_configuration" {
    for_each = var.mfa == "OFF" ? [] : [true]

    content {
      enabled = software_token_mfa_configuration.value
    }
  }

  lambda_config {
    post_authentication = local.triggers["hasura-cognito-sync-users"]
    # The first sign-in of a user of another identity provider is a confirmation; authentications come from the second on.
    post_confirmation = local.triggers["hasura-cognito-sync-users"]

    pre_token_generation_config {
      lambda_arn     = local.triggers["hasura-cognito-trigger"]
      lambda_version = var.trigger_event_version
    }
  }

  lifecycle {
    # Custom attributes cannot be removed from a pool: those of an imported pool stay unchanged.
    ignore_changes = [schema]
  }
}

resource "aws_cognito_user_pool_client" "this" {
  name         = local.name
  user_pool_id = aws_cognito_user_pool.this.id

  # A public client, because apps and pages cannot keep a secret. PKCE protects the code flow instead.
  generate_secret                      = false
  supported_identity_providers         = ["COGNITO"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = var.allow_implicit_flow ? ["code", "implicit"] : ["code"]
  allowed_oauth_scopes                 = ["openid", "email", "profile"]
  callback_urls                        = var.callback_urls
  logout_urls                          = var.logout_urls

  # Without this list, users may write every standard and mutable custom attribute. Never add an attribute that
  # ClaimsByAttribute in samconfig.toml makes a claim: users could set it. An identity provider's mapped attributes must be
  # here, or its users cannot sign in.
  write_attributes = ["email", "locale", "name", "picture"]

  explicit_auth_flows           = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true

  id_token_validity      = 60
  access_token_validity  = 60
  refresh_token_validity = 30

  token_validity_units {
    id_token      = "minutes"
    access_token  = "minutes"
    refresh_token = "days"
  }
}

resource "aws_cognito_user_pool_domain" "this" {
  count = var.domain_prefix == null ? 0 : 1

  domain       = var.domain_prefix
  user_pool_id = aws_cognito_user_pool.this.id
}
