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
    }
    error_message = "Hasura's secrets do not come from the app secret."
  }

  assert {
    condition = length(setintersection(
      flatten([for service in output.services : keys(service.environment)]),
      flatten([for service in output.services : keys(service.secrets)])
    )) == 0
    error_message = "A secret is also a plain environment variable."
  }
}

run "public_paths_map_to_container_paths" {
  command = plan

  assert {
    condition = { for name, service in output.services : name => "${service.target_path} ${service.target_prefix}" } == {
      graphql   = "/v1/graphql /"
      auth      = "/ /"
      storage   = "/v1/ /v1/"
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
