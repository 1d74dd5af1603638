mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment     = "test"
  hasura_endpoint = "https://api.example.org/api/graphql"
  database        = { host = "db.example.org", name = "phenom" }
  cognito_jwt     = "{\"issuer\":\"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001\"}"
}

run "secret_has_the_name_that_functions_use" {
  command = apply

  assert {
    condition     = aws_secretsmanager_secret.app.name == "phenom-test-app-secrets"
    error_message = "The secret has another name."
  }

  assert {
    condition     = aws_secretsmanager_secret.app.recovery_window_in_days == 30
    error_message = "A deleted secret cannot be restored for 30 days."
  }
}

run "state_does_not_contain_the_values" {
  command = apply

  assert {
    condition = (
      aws_secretsmanager_secret_version.app.secret_string == null &&
      aws_secretsmanager_secret_version.app.secret_string_wo == null
    )
    error_message = "The state contains the secret's values."
  }

  assert {
    condition     = aws_secretsmanager_secret_version.app.secret_string_wo_version == 1
    error_message = "The version of the values is not the generation."
  }
}

run "generated_values_are_long_and_different" {
  command = apply

  assert {
    condition = alltrue([
      for value in [local.admin_secret, local.database_password, local.auth_jwt_key] : length(value) == 64
    ]) && length(distinct([local.admin_secret, local.database_password, local.auth_jwt_key])) == 3
    error_message = "Generated values are too short or equal."
  }
}

run "auth_signs_with_a_key_that_hasura_knows" {
  command = apply

  assert {
    condition = (
      local.auth_jwt.type == "HS256" && length(local.auth_jwt.key) >= 32 && local.auth_jwt.claims_format == "json" &&
      jsondecode(local.values.authJwtSecret) == local.auth_jwt
    )
    error_message = "hasura-auth does not start without type and key, or Hasura rejects a key of less than 32 characters."
  }

  assert {
    condition = jsondecode(local.values.hasuraJwtSecrets) == [
      jsondecode(var.cognito_jwt), jsondecode(local.values.authJwtSecret),
    ] && length(distinct([for each in jsondecode(local.values.hasuraJwtSecrets) : each.issuer])) == 2
    error_message = "Hasura does not know both issuers, or cannot tell their tokens apart."
  }
}

run "only_the_migrations_of_auth_skip_the_verification" {
  command = apply

  assert {
    condition = (
      endswith(local.values.databaseUrl, "@db.example.org:5432/phenom?sslmode=require") &&
      local.values.authMigrationsUrl == replace(local.values.databaseUrl, "sslmode=require", "sslmode=no-verify")
    )
    error_message = "A database URL has another sslmode, or the two differ in more."
  }
}

run "new_generation_writes_new_values" {
  command = apply

  variables {
    generation = 2
  }

  assert {
    condition     = aws_secretsmanager_secret_version.app.secret_string_wo_version == 2
    error_message = "A larger generation does not write new values."
  }
}

run "rotation_is_off_by_default" {
  command = apply

  assert {
    condition     = length(aws_secretsmanager_secret_rotation.app) == 0
    error_message = "The secret has a rotation by default."
  }
}

run "rotation_function_is_applied" {
  command = apply

  variables {
    rotation = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:rotate", days = 30 }
  }

  assert {
    condition = (
      aws_secretsmanager_secret_rotation.app[0].rotation_rules[0].automatically_after_days == 30 &&
      aws_secretsmanager_secret_rotation.app[0].rotation_lambda_arn == var.rotation.function_arn
    )
    error_message = "The rotation has another function or interval."
  }
}
