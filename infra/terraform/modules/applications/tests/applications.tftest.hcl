variables {
  images = {
    graphql   = "registry.example.org/graphql@sha256:0123"
    auth      = "registry.example.org/auth@sha256:0123"
    storage   = "registry.example.org/storage@sha256:0123"
    functions = "registry.example.org/functions@sha256:0123"
  }
  public_url            = "https://api.example.org"
  internal_graphql_host = "graphql.phenom-test.internal"
  cognito = {
    issuer    = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001"
    client_id = "client-1"
  }
  app_secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-app-secrets-AbCdEf"
  storage        = { bucket = "phenom-test-storage", region = "us-east-1", access_policy = "{}" }
}

run "four_services_on_their_ports" {
  command = plan

  assert {
    condition     = output.ports == { graphql = 8080, auth = 4000, storage = 5000, functions = 3000 }
    error_message = "The services or their ports are wrong."
  }

  assert {
    condition     = alltrue([for name, service in output.services : service.path == "/api/${name}"])
    error_message = "A service's public path is not /api/<name>."
  }
}

run "services_without_an_image_are_left_out" {
  command = plan

  variables {
    images = { graphql = "registry.example.org/graphql@sha256:0123", storage = "registry.example.org/storage@sha256:0123", auth = null }
  }

  assert {
    condition     = output.ports == { graphql = 8080, storage = 5000 } && keys(output.services) == ["graphql", "storage"]
    error_message = "A service without an image still exists, or one with an image does not."
  }
}

run "auth_can_be_left_out" {
  command = plan

  variables {
    images    = { graphql = "registry.example.org/graphql@sha256:0123", auth = null }
    auth_smtp = { host = "smtp.example.org", sender = "auth@example.org", secret_arn = var.app_secret_arn }
  }

  assert {
    condition     = !contains(keys(output.services.graphql.secrets), "HASURA_GRAPHQL_JWT_SECRETS")
    error_message = "Hasura accepts auth's tokens although there is no auth."
  }

  assert {
    condition     = output.smtp_port == null
    error_message = "Without auth, tasks can connect to a mail server."
  }
}

run "auth_is_closed_and_sends_no_mail_by_default" {
  command = plan

  assert {
    condition     = output.services.auth.environment.AUTH_DISABLE_SIGNUP == "true" && output.smtp_port == null
    error_message = "Strangers can sign up at auth, or tasks can connect to a mail server."
  }

  assert {
    condition = length([
      for name in concat(keys(output.services.auth.environment), keys(output.services.auth.secrets)) : name
      if startswith(name, "AUTH_SMTP_")
    ]) == 0
    error_message = "auth has settings of a mail server that does not exist."
  }
}

run "auth_sends_mail_over_tls_with_credentials_from_a_secret" {
  command = plan

  variables {
    auth_smtp = {
      host       = "email-smtp.us-east-1.amazonaws.com"
      sender     = "auth@example.org"
      secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-auth-smtp-AbCdEf"
    }
  }

  assert {
    condition = { for name, value in output.services.auth.environment : name => value if startswith(name, "AUTH_SMTP_") } == {
      AUTH_SMTP_HOST   = "email-smtp.us-east-1.amazonaws.com"
      AUTH_SMTP_PORT   = "465"
      AUTH_SMTP_SECURE = "true"
      AUTH_SMTP_SENDER = "auth@example.org"
    }
    error_message = "auth has other settings of the mail server."
  }

  assert {
    condition = (
      output.services.auth.secrets.AUTH_SMTP_USER == "${var.auth_smtp.secret_arn}:username::" &&
      output.services.auth.secrets.AUTH_SMTP_PASS == "${var.auth_smtp.secret_arn}:password::" &&
      output.smtp_port == 465
    )
    error_message = "The credentials do not come from their secret, or the port is not opened."
  }
}

run "storage_keeps_parts_of_uploads_in_a_writable_directory" {
  command = plan

  assert {
    condition     = output.services.storage.environment.TMPDIR == "/tmp"
    error_message = "The root file system is read-only: uploads above 1 MB would fail."
  }
}

run "hasura_accepts_tokens_of_the_user_pool" {
  command = plan

  assert {
    condition = jsondecode(output.services.graphql.environment.HASURA_GRAPHQL_JWT_SECRET) == {
      jwk_url          = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001/.well-known/jwks.json"
      issuer           = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001"
      audience         = "client-1"
      claims_namespace = "https://hasura.io/jwt/claims"
      claims_format    = "stringified_json"
    }
    error_message = "Hasura would reject the pool's tokens, or accept tokens of another issuer."
  }

  assert {
    condition = (
      output.services.graphql.environment.HASURA_GRAPHQL_ENABLE_CONSOLE == "false" &&
      output.services.graphql.environment.HASURA_GRAPHQL_DEV_MODE == "false"
    )
    error_message = "Hasura exposes its console or internal errors."
  }
}

run "secrets_come_from_secrets_manager" {
  command = plan

  assert {
    condition = output.services.graphql.secrets == {
      HASURA_GRAPHQL_ADMIN_SECRET = "${var.app_secret_arn}:hasuraAdminSecret::"
      HASURA_GRAPHQL_DATABASE_URL = "${var.app_secret_arn}:databaseUrl::"
      HASURA_GRAPHQL_JWT_SECRETS  = "${var.app_secret_arn}:hasuraJwtSecrets::"
    }
    error_message = "Hasura's secrets do not come from the app secret."
  }

  assert {
    condition = output.services.auth.secrets == {
      HASURA_GRAPHQL_ADMIN_SECRET    = "${var.app_secret_arn}:hasuraAdminSecret::"
      HASURA_GRAPHQL_DATABASE_URL    = "${var.app_secret_arn}:databaseUrl::"
      HASURA_GRAPHQL_JWT_SECRET      = "${var.app_secret_arn}:authJwtSecret::"
      POSTGRES_MIGRATIONS_CONNECTION = "${var.app_secret_arn}:authMigrationsUrl::"
    }
    error_message = "auth's secrets do not come from the app secret."
  }

  assert {
    condition = alltrue([
      for service in output.services : length(setintersection(keys(service.environment), keys(service.secrets))) == 0
    ])
    error_message = "A secret is also a plain environment variable."
  }
}

run "public_paths_map_to_container_paths" {
  command = plan

  assert {
    condition = { for name, service in output.services : name => "${service.target_path} ${service.target_prefix}" } == {
      graphql   = "/v1/graphql /"
      auth      = "/ /"
      storage   = "/api/storage /api/storage/"
      functions = "/ /"
    }
    error_message = "A path is rewritten to one that the container does not serve."
  }
}

run "hasura_endpoint_is_the_public_graphql_url" {
  command = plan

  assert {
    condition     = output.hasura_endpoint == "https://api.example.org/api/graphql"
    error_message = "hasura_endpoint is not the URL at which the load balancer serves GraphQL."
  }
}

run "only_storage_may_use_the_bucket" {
  command = plan

  assert {
    condition     = [for name, service in output.services : name if try(length(service.task_policies), 0) > 0] == ["storage"]
    error_message = "A service other than storage has a task policy."
  }
}
