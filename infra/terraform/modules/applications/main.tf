locals {
  admin_secret = { HASURA_GRAPHQL_ADMIN_SECRET = "${var.app_secret_arn}:hasuraAdminSecret::" }
  database_url = "${var.app_secret_arn}:databaseUrl::"
  internal_url = "http://${var.internal_graphql_host}:8080/v1"
  has_auth     = var.images.auth != null

  # Hasura's JWT configuration, the same as `phenom hasura-jwt` prints. It contains no secret: Cognito publishes its keys.
  # The format is stringified_json because a trigger with V1 events can only add string claims.
  cognito_jwt = jsonencode({
    jwk_url          = "${var.cognito.issuer}/.well-known/jwks.json"
    issuer           = var.cognito.issuer
    audience         = var.cognito.client_id
    claims_namespace = "https://hasura.io/jwt/claims"
    claims_format    = "stringified_json"
  })
}

locals {
  services = { for name, service in local.all_services : name => service if service.image != null }

  all_services = {
    graphql = {
      image         = var.images.graphql
      port          = 8080
      path          = "/api/graphql"
      target_path   = "/v1/graphql"
      target_prefix = "/" # the Hasura CLI uses <public URL>/api/graphql as its endpoint and appends /v1/metadata
      environment = {
        HASURA_GRAPHQL_JWT_SECRET        = local.cognito_jwt
        HASURA_GRAPHQL_ENABLED_APIS      = "graphql,metadata" # migrations need metadata, which requires the admin secret
        HASURA_GRAPHQL_ENABLE_CONSOLE    = "false"
        HASURA_GRAPHQL_DEV_MODE          = "false"
        HASURA_GRAPHQL_ENABLED_LOG_TYPES = "startup,http-log,websocket-log"
        HASURA_GRAPHQL_ENABLE_TELEMETRY  = "false"
        HASURA_GRAPHQL_SERVER_PORT       = "8080"
      }
      # Hasura with an Enterprise licence reads the list, which also holds auth's key, and ignores HASURA_GRAPHQL_JWT_SECRET.
      # Without a licence it is the other way round: Cognito's tokens are accepted in both cases.
      secrets = merge(
        local.admin_secret,
        { HASURA_GRAPHQL_DATABASE_URL = local.database_url },
        local.has_auth ? { HASURA_GRAPHQL_JWT_SECRETS = "${var.app_secret_arn}:hasuraJwtSecrets::" } : {},
      )
    }

    auth = {
      image         = var.images.auth
      port          = 4000
      path          = "/api/auth"
      target_path   = "/"
      target_prefix = "/"
      environment = merge(
        {
          AUTH_PORT                  = "4000"
          AUTH_SERVER_URL            = "${var.public_url}/api/auth"
          AUTH_CLIENT_URL            = var.public_url
          AUTH_DISABLE_SIGNUP        = "true" # users sign up with Cognito
          HASURA_GRAPHQL_GRAPHQL_URL = "${local.internal_url}/graphql"
        },
        var.auth_smtp == null ? {} : {
          AUTH_SMTP_HOST   = var.auth_smtp.host
          AUTH_SMTP_PORT   = tostring(var.auth_smtp.port)
          AUTH_SMTP_SECURE = tostring(var.auth_smtp.port == 465)
          AUTH_SMTP_SENDER = var.auth_smtp.sender
        },
      )
      secrets = merge(
        local.admin_secret,
        {
          HASURA_GRAPHQL_DATABASE_URL    = local.database_url
          HASURA_GRAPHQL_JWT_SECRET      = "${var.app_secret_arn}:authJwtSecret::"
          POSTGRES_MIGRATIONS_CONNECTION = "${var.app_secret_arn}:authMigrationsUrl::"
        },
        var.auth_smtp == null ? {} : {
          AUTH_SMTP_USER = "${var.auth_smtp.secret_arn}:username::"
          AUTH_SMTP_PASS = "${var.auth_smtp.secret_arn}:password::"
        },
      )
    }

    storage = {
      image         = var.images.storage
      port          = 5000
      path          = "/api/storage"
      target_path   = "/api/storage" # serves its public path: see API_ROOT_PREFIX
      target_prefix = "/api/storage/"
      command       = ["serve"]
      environment = {
        BIND                = ":5000"
        API_ROOT_PREFIX     = "/api/storage" # in the pre-signed URLs that it returns, which start with PUBLIC_URL
        PUBLIC_URL          = var.public_url
        HASURA_ENDPOINT     = local.internal_url
        HASURA_METADATA     = "1"
        POSTGRES_MIGRATIONS = "1"
        S3_BUCKET           = var.storage.bucket
        S3_ENDPOINT         = "https://s3.${var.storage.region}.amazonaws.com"
        S3_REGION           = var.storage.region
        TMPDIR              = "/tmp" # for parts of uploads; the image's own directory is read-only
      }
      secrets       = merge(local.admin_secret, { POSTGRES_MIGRATIONS_SOURCE = local.database_url })
      task_policies = { keep-objects = var.storage.access_policy }
    }

    functions = {
      image         = var.images.functions
      port          = 3000
      path          = "/api/functions"
      target_path   = "/"
      target_prefix = "/"
      environment = {
        HASURA_GRAPHQL_GRAPHQL_URL = "${local.internal_url}/graphql"
        HASURA_GRAPHQL_JWT_SECRET  = local.cognito_jwt
      }
      secrets = merge(local.admin_secret, { HASURA_GRAPHQL_DATABASE_URL = local.database_url })
    }
  }
}
