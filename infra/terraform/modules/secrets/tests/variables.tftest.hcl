mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment     = "test"
  hasura_endpoint = "https://api.example.org/api/graphql"
  database        = { host = "db.example.org", name = "phenom" }
  cognito_jwt     = "{\"issuer\":\"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001\"}"
}

run "environment_must_be_a_short_name" {
  command = plan
  variables {
    environment = ""
  }
  expect_failures = [var.environment]
}

run "hasura_endpoint_must_be_a_url" {
  command = plan
  variables {
    hasura_endpoint = "api.example.org"
  }
  expect_failures = [var.hasura_endpoint]
}

run "database_role_must_be_a_plain_name" {
  command = plan
  variables {
    database = { host = "db.example.org", name = "phenom", role = "ha-sura" }
  }
  expect_failures = [var.database]
}

run "cognito_jwt_must_have_an_issuer" {
  command = plan
  variables {
    cognito_jwt = "{\"audience\":\"client-1\"}"
  }
  expect_failures = [var.cognito_jwt]
}

run "generation_must_be_a_whole_number" {
  command = plan
  variables {
    generation = 1.5
  }
  expect_failures = [var.generation]
}

run "recovery_window_days_must_be_valid" {
  command = plan
  variables {
    recovery_window_days = 3
  }
  expect_failures = [var.recovery_window_days]
}

run "rotation_must_name_a_function" {
  command = plan
  variables {
    rotation = { function_arn = "rotate" }
  }
  expect_failures = [var.rotation]
}
