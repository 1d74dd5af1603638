# All settings of this environment. docs/environments.md lists how it differs from the other one.
locals {
  environment = "prod"
  region      = "us-east-1"
  owner       = "platform"

  # The plan stops until the examples here, and in cognito_callback_urls and cognito_logout_urls below, are replaced.
  domain_name         = "api.phenom.example" # public name of the load balancer; its certificate is in ACM in this region
  client_certificates = null                 # { bucket, key } of a CA bundle; rejects all clients without a certificate, also user_sync
  app_origins         = ["https://app.phenom.example"]
  alarm_emails        = ["operations@phenom.example"]

  # Repository whose jobs may deploy: prefix of the subject in GitHub's job tokens, such as repo:OWNER/NAME
  # (gh api repos/OWNER/NAME/actions/oidc/customization/sub). Null: no repository may, and there are no roles for GitHub.
  ci_subject            = null
  ci_github_environment = "production"
  ci_creates_provider   = true # false when the account already has GitHub's OIDC provider: AWS allows one per account

  deletion_protection = true
  log_retention_days  = 365
  monthly_budget_usd  = 1200

  nat_gateways        = "per_zone"
  interface_endpoints = ["secretsmanager", "ecr.api", "ecr.dkr", "logs", "sqs"]

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
  service_scaling = { min = 2, max = 6, spot_percent = 0 }

  clamd_image          = "clamd" # null disables virus scanning
  clamd_scaling        = { min = 2, max = 4 }
  clamd_private_mirror = true # definitions from a bucket; false: from ClamAV, which refuses an address that asks too often

  # Chat behind Cloudflare (docs/chat.md); null: none. The plan stops until the examples are replaced, certificate_id is set,
  # and each ruleset lists the zone's other rules. Module settings explains more settings. JSON can be pasted as it is.
  chat = {
    host_name      = "chat.phenom.example" # its certificate is in ACM in this region
    elsewhere_host = "try.phenom.example"  # everything that is not for chat clients is redirected there
    firewall       = { mode = "count" }    # block: refuse what the firewall finds
    cloudflare = {
      zone_id        = "example"
      certificate_id = null # printed by `phenom origin-certificate`
      rulesets       = { config = {}, rate = {}, redirect = {} }
    }
  }
  chat_mcp = null # { image, port, path = null, health_path = "/health" }; image: REPOSITORY@sha256:…

  # Synapse (docs/operations/synapse.md), behind `chat` or inside the VPC only; null: none. client_id: of Cognito's app client.
  synapse       = { client_id = null, app_urls = [] }
  chat_database = { name = "synapse", generation = 1 } # increment generation for new passwords and secrets of Synapse

  database_names                 = { database = "phenom", master_user = "phenom" }
  database_engine                = { version = "17", allow_major_upgrade = false, apply_at_once = false }
  database_instance_class        = "db.m5.large"
  database_storage_gb            = { initial = 20, maximum = 100 }
  database_multi_az              = true
  database_backup_retention_days = 7
  database_snapshot_identifier   = null

  storage_intelligent_tiering = true
  storage_user                = false

  secret_generation      = 1
  secret_rotation        = null # { function_arn, days } of a function that rotates the app secret; null: by hand
  secret_recovery_window = 30   # days

  # Cognito compares URLs as strings: list each one exactly as the app sends it.
  cognito_callback_urls         = ["https://app.phenom.example/signed-in"]
  cognito_logout_urls           = ["https://app.phenom.example/"]
  cognito_mfa                   = "OPTIONAL"
  cognito_self_registration     = false
  cognito_allow_implicit_flow   = false # only the code flow with PKCE
  cognito_domain_prefix         = null  # unique in the region; null: phenom-prod-<account>
  cognito_user_pool_tier        = "LITE"
  cognito_trigger_event_version = "V1_0"
  cognito_trigger_qualifier     = "live" # alias under which SAM publishes every function
}
