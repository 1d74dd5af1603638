variables {
  images = {
    graphql   = "registry.example.org/graphql:1"
    auth      = "registry.example.org/auth:1"
    storage   = "registry.example.org/storage:1"
    functions = "registry.example.org/functions:1"
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
    error_message = "Other services, or other ports."
  }

  assert {
    condition     = alltrue([for name, service in output.services : service.path == "/api/${name}"])
    error_message = "A service is not served under /api/<name>."
  }
}

run "hasura_takes_the_pools_tokens" {
  command = plan

  assert {
    condition = jsondecode(output.services.graphql.environment.HASURA_GRAPHQL_JWT_SECRET) == {
      jwk_url          = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001/.well-known/jwks.json"
      issuer           = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test00001"
      audience         = "client-1"
      claims_namespace = "https://hasura.io/jwt/claims"
      claims_format    = "stringified_json"
    }
    error_message = "Hasura would refuse the pool's tokens, or take those of others."
  }

  assert {
    condition = (
      output.services.graphql.environment.HASURA_GRAPHQL_ENABLE_CONSOLE == "false" &&
      output.services.graphql.environment.HASURA_GRAPHQL_DEV_MODE == "false"
    )
    error_message = "Hasura shows strangers its console or its errors."
  }
}

run "secrets_come_from_secrets_manager" {
  command = plan

  assert {
    condition = output.services.graphql.secrets == {
      HASURA_GRAPHQL_ADMIN_SECRET = "${var.app_secret_arn}:hasuraAdminSecret::"
      HASURA_GRAPHQL_DATABASE_URL = "${var.app_secret_arn}:databaseUrl::"
    }
    error_message = "Hasura's secrets are not those of the app secret."
  }

  assert {
    condition = length(setintersection(
      flatten([for service in output.services : keys(service.environment)]),
      flatten([for service in output.services : keys(service.secrets)])
    )) == 0
    error_message = "A secret stands in a plain environment variable as well."
  }
}

run "paths_lead_to_what_the_containers_serve" {
  command = plan

  assert {
    condition = { for name, service in output.services : name => "${service.target_path} ${service.target_prefix}" } == {
      graphql   = "/v1/graphql /"
      auth      = "/ /"
      storage   = "/v1/ /v1/"
      functions = "/ /"
    }
    error_message = "A path arrives as another than the container serves."
  }
}

run "user_sync_posts_where_graphql_is_served" {
  command = plan

  assert {
    condition     = output.hasura_endpoint == "https://api.example.org/api/graphql"
    error_message = "The endpoint in the app secret is not what the load balancer serves."
  }
}

run "only_storage_reaches_the_bucket" {
  command = plan

  assert {
    condition     = [for name, service in output.services : name if try(length(service.task_policies), 0) > 0] == ["storage"]
    error_message = "Another service than storage has a policy."
  }
}
