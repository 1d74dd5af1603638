# All settings of this environment. docs/environments.md lists how it differs from the other one.
locals {
  environment = "dev"
  region      = "us-east-1"
  owner       = "platform"

  # Public name of the load balancer, with an issued certificate in ACM in this region. Null serves plain HTTP under the load
  # balancer's DNS name: enough to try the services, but user_sync sends Hasura's secret only over TLS.
  domain_name         = null
  client_certificates = null # { bucket, key } of a CA bundle; rejects all clients without a certificate, also user_sync
  app_origins         = ["http://localhost:5173"]
  alarm_emails        = []

  # Repository whose jobs may deploy: prefix of the subject in GitHub's job tokens, such as repo:OWNER/NAME
  # (gh api repos/OWNER/NAME/actions/oidc/customization/sub). Null: no repository may, and there are no roles for GitHub.
  ci_subject            = null
  ci_github_environment = "development"
  ci_creates_provider   = true # false when the account already has GitHub's OIDC provider: AWS allows one per account

  deletion_protection = false
  log_retention_days  = 7
  monthly_budget_usd  = 500

  nat_gateways        = "one"
  interface_endpoints = ["sqs"]

  # Names in images/images.json: copies in this environment's own registry, which `phenom push-images` fills. Possible, too:
  # REPOSITORY@sha256:… of any registry. Null leaves a service out; graphql is required.
  images = {
    graphql   = "graphql"
    auth      = "auth"
    storage   = "storage"
    functions = "functions"
  }
  auth_smtp       = null # { host, port = 465, sender, secret_arn } of the mail server of auth; null: auth sends no e-mail
  service_size    = { cpu = 256, memory = 512 }
  service_scaling = { min = 2, max = 4, spot_percent = 100 }

  clamd_image          = "clamd" # null disables virus scanning
  clamd_scaling        = { min = 1, max = 2 }
  clamd_private_mirror = true # definitions from a bucket; false: from ClamAV, which refuses an address that asks too often

  chat     = null # Chat behind Cloudflare (docs/chat.md): the rules of a Cloudflare zone can belong to one environment only
  chat_mcp = null # { image, port, path = null, health_path = "/health" }; image: REPOSITORY@sha256:…

  # Synapse (docs/operations/synapse.md), behind `chat` or inside the VPC only; null: none.
  synapse       = null                                         # { server_name = "chat.phenom-dev.internal" }
  chat_database = { name = "synapse_staging", generation = 1 } # never the name of a restored copy

  database_names                 = { database = "phenom", master_user = "phenom" }
  database_engine                = { version = "17", allow_major_upgrade = false, apply_at_once = false }
  database_instance_class        = "db.m5.large"
  database_storage_gb            = { initial = 20, maximum = 100 }
  database_multi_az              = false
  database_backup_retention_days = 7
  database_snapshot_identifier   = null

  storage_intelligent_tiering = false
  storage_user                = false

  secret_generation      = 1
  secret_rotation        = null # { function_arn, days } of a function that rotates the app secret; null: by hand
  secret_recovery_window = 0    # days; 0 frees the name at once, so that the environment can be created again

  # Cognito compares URLs as strings: list each one exactly as the app sends it.
  cognito_callback_urls         = ["http://localhost:3000", "http://localhost:5173/signed-in"]
  cognito_logout_urls           = ["http://localhost:3000", "http://localhost:5173/"]
  cognito_mfa                   = "OFF"
  cognito_self_registration     = true
  cognito_allow_implicit_flow   = true # in addition to the code flow with PKCE
  cognito_domain_prefix         = null # unique in the region; null: phenom-dev-<account>
  cognito_user_pool_tier        = "LITE"
  cognito_trigger_event_version = "V1_0"
  cognito_trigger_qualifier     = "live" # alias under which SAM publishes every function
}
