mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment   = "test"
  callback_urls = ["https://app.example.org/signed-in"]
}

run "users_sign_in_by_email_with_a_strong_password" {
  command = apply

  assert {
    condition     = aws_cognito_user_pool.this.name == "phenom-test"
    error_message = "The pool has another name."
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.username_attributes == toset(["email"]) &&
      aws_cognito_user_pool.this.auto_verified_attributes == toset(["email"])
    )
    error_message = "Users do not sign in with a verified e-mail address."
  }

  assert {
    condition = alltrue([
      for policy in aws_cognito_user_pool.this.password_policy : policy.minimum_length >= 8 && policy.require_lowercase &&
      policy.require_uppercase && policy.require_numbers && policy.require_symbols
    ])
    error_message = "Weak passwords are allowed."
  }
}

run "defaults_are_secure" {
  command = apply

  assert {
    condition = (
      aws_cognito_user_pool.this.deletion_protection == "ACTIVE" &&
      aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
    )
    error_message = "By default the pool can be deleted, or users can register themselves."
  }

  assert {
    condition = (
      aws_cognito_user_pool_client.this.allowed_oauth_flows == toset(["code"]) &&
      aws_cognito_user_pool_client.this.generate_secret == false &&
      aws_cognito_user_pool_client.this.prevent_user_existence_errors == "ENABLED"
    )
    error_message = "The client is not public, allows more than the code flow, or reveals which users exist."
  }

  assert {
    condition     = length(aws_cognito_user_pool_domain.this) == 0 && output.sign_in_domain == null
    error_message = "There is a hosted sign-in page by default."
  }
}

run "triggers_are_the_functions_of_the_sam_stack" {
  command = apply

  assert {
    condition = (
      one(aws_cognito_user_pool.this.lambda_config[0].pre_token_generation_config) == {
        lambda_arn     = "arn:aws:lambda:us-east-1:111122223333:function:phenom-test-hasura-cognito-trigger"
        lambda_version = "V1_0"
      }
    )
    error_message = "The pre token generation trigger is another function, or has another event version."
  }

  assert {
    condition = aws_cognito_user_pool.this.lambda_config[0].post_authentication == (
      "arn:aws:lambda:us-east-1:111122223333:function:phenom-test-hasura-cognito-sync-users"
    )
    error_message = "The post authentication trigger is another function."
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.lambda_config[0].post_confirmation ==
      aws_cognito_user_pool.this.lambda_config[0].post_authentication
    )
    error_message = "The first sign-in of a federated user does not reach the function that writes users."
  }
}

run "users_write_only_their_profile" {
  command = apply

  assert {
    condition = (
      aws_cognito_user_pool_client.this.write_attributes == toset(["email", "locale", "name", "picture"])
    )
    error_message = "Users may write other attributes than their address, name, picture and language."
  }
}

run "triggers_use_the_alias_and_event_version" {
  command = apply

  variables {
    trigger_qualifier     = "live"
    trigger_event_version = "V2_0"
    user_pool_tier        = "ESSENTIALS"
  }

  assert {
    condition = (
      endswith(aws_cognito_user_pool.this.lambda_config[0].post_authentication, "-hasura-cognito-sync-users:live") &&
      endswith(aws_cognito_user_pool.this.lambda_config[0].post_confirmation, "-hasura-cognito-sync-users:live") &&
      endswith(
        aws_cognito_user_pool.this.lambda_config[0].pre_token_generation_config[0].lambda_arn,
        "-hasura-cognito-trigger:live"
      ) && aws_cognito_user_pool.this.lambda_config[0].pre_token_generation_config[0].lambda_version == "V2_0"
    )
    error_message = "The triggers do not use the alias and event version of the variables."
  }
}

run "development_settings_are_applied" {
  command = apply

  variables {
    mfa                 = "OFF"
    self_registration   = true
    deletion_protection = false
    allow_implicit_flow = true
    domain_prefix       = "phenom-test"
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.mfa_configuration == "OFF" &&
      length(aws_cognito_user_pool.this.software_token_mfa_configuration) == 0
    )
    error_message = "MFA is not off."
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only == false &&
      aws_cognito_user_pool.this.deletion_protection == "INACTIVE" &&
      aws_cognito_user_pool_client.this.allowed_oauth_flows == toset(["code", "implicit"])
    )
    error_message = "self_registration, deletion_protection or allow_implicit_flow is not applied."
  }

  assert {
    condition     = output.sign_in_domain == "phenom-test.auth.us-east-1.amazoncognito.com"
    error_message = "The hosted sign-in page has another host name."
  }
}

run "mfa_uses_an_authenticator_app" {
  command = apply

  variables {
    mfa = "ON"
  }

  assert {
    condition     = aws_cognito_user_pool.this.software_token_mfa_configuration[0].enabled
    error_message = "MFA is required but no method is enabled."
  }
}

run "urls_are_passed_unchanged" {
  command = apply

  variables {
    callback_urls = ["http://localhost:3000", "https://app.example.org/signed-in"]
    logout_urls   = ["http://localhost:3000"]
  }

  assert {
    condition = (
      toset(aws_cognito_user_pool_client.this.callback_urls) == toset(var.callback_urls) &&
      toset(aws_cognito_user_pool_client.this.logout_urls) == toset(var.logout_urls)
    )
    error_message = "A callback or logout URL is changed."
  }
}

run "issuer_matches_the_tokens" {
  command = apply

  assert {
    condition     = output.issuer == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Mock00001"
    error_message = "Hasura would reject the pool's tokens."
  }
}
