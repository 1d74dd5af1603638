variables {
  images = {
    graphql   = "registry.example.org/graphql@sha256:0123"
    functions = "registry.example.org/functions@sha256:0123"
  }
  public_url            = "https://api.example.org"
  internal_graphql_host = "graphql.phenom-test.internal"
  cognito               = { issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001", client_id = "client-1" }
  app_secret_arn        = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-app-secrets-AbCdEf"
  storage               = { bucket = "phenom-test-storage", region = "us-east-1", access_policy = "{}" }
}

run "images_must_not_have_a_tag" {
  command = plan
  variables {
    images = { graphql = "registry.example.org/graphql@sha256:0123", auth = "registry.example.org/auth:1" }
  }
  expect_failures = [var.images]
}

run "graphql_cannot_be_left_out" {
  command = plan
  variables {
    images = { graphql = null, auth = "registry.example.org/auth@sha256:0123" }
  }
  expect_failures = [var.images]
}

run "public_url_must_have_no_path" {
  command = plan
  variables {
    public_url = "https://api.example.org/"
  }
  expect_failures = [var.public_url]
}

run "internal_graphql_host_must_be_a_host_name" {
  command = plan
  variables {
    internal_graphql_host = "http://graphql"
  }
  expect_failures = [var.internal_graphql_host]
}

run "issuer_must_be_https" {
  command = plan
  variables {
    cognito = { issuer = "us-east-1_Test00001", client_id = "client-1" }
  }
  expect_failures = [var.cognito]
}

run "app_secret_arn_must_be_a_secret" {
  command = plan
  variables {
    app_secret_arn = "phenom-test-app-secrets"
  }
  expect_failures = [var.app_secret_arn]
}

run "smtp_host_must_be_a_host_name" {
  command = plan
  variables {
    auth_smtp = { host = "smtp", sender = "auth@example.org", secret_arn = var.app_secret_arn }
  }
  expect_failures = [var.auth_smtp]
}

run "smtp_port_must_not_be_25" {
  command = plan
  variables {
    auth_smtp = { host = "smtp.example.org", port = 25, sender = "auth@example.org", secret_arn = var.app_secret_arn }
  }
  expect_failures = [var.auth_smtp]
}

run "smtp_credentials_must_be_in_a_secret" {
  command = plan
  variables {
    auth_smtp = { host = "smtp.example.org", sender = "auth@example.org", secret_arn = "hunter2" }
  }
  expect_failures = [var.auth_smtp]
}

run "storage_region_must_be_a_region" {
  command = plan
  variables {
    storage = { bucket = "phenom-test-storage", region = "Virginia", access_policy = "{}" }
  }
  expect_failures = [var.storage]
}
