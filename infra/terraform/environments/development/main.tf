# Identical in both environments: all differences are in locals.tf.

data "aws_caller_identity" "current" {}

module "settings" {
  source = "../../modules/settings"

  environment   = local.environment
  domain_name   = local.domain_name
  app_origins   = local.app_origins
  alarm_emails  = local.alarm_emails
  callback_urls = local.cognito_callback_urls
  logout_urls   = local.cognito_logout_urls
  chat          = local.chat
  chat_mcp      = local.chat_mcp
  synapse       = local.synapse
}

data "aws_acm_certificate" "api" {
  count = module.settings.domain_name == null ? 0 : 1

  domain      = module.settings.domain_name
  statuses    = ["ISSUED"]
  most_recent = true
}

data "aws_acm_certificate" "chat" {
  count = module.settings.chat == null ? 0 : 1

  domain      = module.settings.chat.host_name
  statuses    = ["ISSUED"]
  most_recent = true
}

locals {
  certificate_arn = one(data.aws_acm_certificate.api[*].arn)
  public_url      = module.settings.domain_name == null ? "http://${module.alb.dns_name}" : "https://${module.settings.domain_name}"
}

module "networking" {
  source = "../../modules/networking"

  environment         = local.environment
  nat_gateways        = local.nat_gateways
  interface_endpoints = local.interface_endpoints
  service_ports       = module.applications.ports
  smtp_port           = module.applications.smtp_port
  log_retention_days  = local.log_retention_days
}

module "monitoring" {
  source = "../../modules/monitoring"

  environment              = local.environment
  alarm_emails             = module.settings.alarm_emails
  monthly_budget_usd       = local.monthly_budget_usd
  load_balancer_arn_suffix = module.alb.arn_suffix
  cluster_name             = module.ecs.cluster.name
  service_names            = concat(module.ecs.service_names, module.clamd[*].service_name, module.chat[*].service_name, module.chat_mcp[*].name)
  database_identifier      = module.rds.identifier
  user_pool                = { id = module.cognito.user_pool_id, client_id = module.cognito.client_id }
}

module "cognito" {
  source = "../../modules/cognito"

  environment           = local.environment
  mfa                   = local.cognito_mfa
  self_registration     = local.cognito_self_registration
  callback_urls         = module.settings.callback_urls
  logout_urls           = module.settings.logout_urls
  allow_implicit_flow   = local.cognito_allow_implicit_flow
  domain_prefix         = coalesce(local.cognito_domain_prefix, "phenom-${local.environment}-${data.aws_caller_identity.current.account_id}")
  user_pool_tier        = local.cognito_user_pool_tier
  trigger_event_version = local.cognito_trigger_event_version
  trigger_qualifier     = local.cognito_trigger_qualifier
  deletion_protection   = local.deletion_protection
}

module "s3" {
  source = "../../modules/s3"

  environment          = local.environment
  cors_allowed_origins = module.settings.app_origins
  intelligent_tiering  = local.storage_intelligent_tiering
  create_user          = local.storage_user
}

module "rds" {
  source = "../../modules/rds"

  environment           = local.environment
  names                 = local.database_names
  engine                = local.database_engine
  instance_class        = local.database_instance_class
  storage_gb            = local.database_storage_gb
  multi_az              = local.database_multi_az
  backup_retention_days = local.database_backup_retention_days
  snapshot_identifier   = local.database_snapshot_identifier
  deletion_protection   = local.deletion_protection
  log_retention_days    = local.log_retention_days
  alarm_topic_arn       = module.monitoring.topic_arn

  network = {
    subnet_ids        = module.networking.database_subnet_ids
    security_group_id = module.networking.security_group_ids.rds
  }
}

module "secrets" {
  source = "../../modules/secrets"

  environment          = local.environment
  hasura_endpoint      = module.applications.hasura_endpoint
  cognito_jwt          = module.applications.cognito_jwt
  database             = { host = module.rds.address, name = module.rds.database_name }
  generation           = local.secret_generation
  recovery_window_days = local.secret_recovery_window
  rotation             = local.secret_rotation
}

module "images" {
  source = "../../modules/images"

  environment = local.environment
  images = merge(local.images, {
    clamd         = local.clamd_image
    database_role = "postgres"
    synapse       = local.synapse == null ? null : "synapse"
    synapse_proxy = local.synapse == null ? null : "nginx"
    chat_mcp      = try(local.chat_mcp.image, null)
  })
}

module "applications" {
  source = "../../modules/applications"

  images                = module.images.references
  public_url            = local.public_url
  internal_graphql_host = "graphql.phenom-${local.environment}.internal"
  cognito               = { issuer = module.cognito.issuer, client_id = module.cognito.client_id }
  app_secret_arn        = module.secrets.app_secret_arn
  auth_smtp             = local.auth_smtp

  storage = {
    bucket        = module.s3.bucket_name
    region        = local.region
    access_policy = module.s3.access_policy
  }
}

module "alb" {
  source = "../../modules/alb"

  environment         = local.environment
  vpc_id              = module.networking.vpc_id
  subnet_ids          = module.networking.public_subnet_ids
  security_group_id   = module.networking.security_group_ids.alb
  services            = module.applications.services
  https               = module.settings.domain_name == null ? null : { certificate_arn = local.certificate_arn }
  client_certificates = local.client_certificates
  deletion_protection = local.deletion_protection
  log_retention_days  = local.log_retention_days
}

module "ecs" {
  source = "../../modules/ecs"

  environment        = local.environment
  services           = module.applications.services
  target_groups      = module.alb.target_groups
  size               = local.service_size
  scaling            = local.service_scaling
  log_retention_days = local.log_retention_days
  alarm_topic_arn    = module.monitoring.topic_arn

  network = {
    vpc_id            = module.networking.vpc_id
    subnet_ids        = module.networking.private_subnet_ids
    security_group_id = module.networking.security_group_ids.ecs
  }
}

module "clamd" {
  source = "../../modules/clamd"
  count  = local.clamd_image == null ? 0 : 1

  environment     = local.environment
  image           = module.images.references.clamd
  configuration   = file("${path.root}/../../../../local/clamav/clamd.conf")
  cluster         = module.ecs.cluster
  namespace       = module.ecs.namespace
  log_group       = module.ecs.log_group
  scaling         = local.clamd_scaling
  mirror          = local.clamd_private_mirror ? { s3_endpoint_id = module.networking.s3_endpoint_id } : null
  alarm_topic_arn = module.monitoring.topic_arn

  network = {
    subnet_ids        = module.networking.private_subnet_ids
    security_group_id = module.networking.security_group_ids.clamd
  }
}

module "database_role" {
  source = "../../modules/database_role"

  environment       = local.environment
  image             = module.images.references.database_role
  app_secret_arn    = module.secrets.app_secret_arn
  master_secret_arn = module.rds.master_secret_arn
  log_group         = module.ecs.log_group

  run = {
    cluster_name      = module.ecs.cluster.name
    subnet_ids        = module.networking.private_subnet_ids
    security_group_id = module.networking.security_group_ids.ecs
  }
}

locals {
  # Paths of Matrix clients: the load balancer and Synapse's proxy forward them, Cloudflare does not redirect them.
  chat_client_paths = ["/_matrix/", "/_synapse/client/", "/.well-known/matrix/"]
}

module "chat_edge" {
  source = "../../modules/chat_edge"
  count  = local.chat == null ? 0 : 1

  environment         = local.environment
  network             = { vpc_id = module.networking.vpc_id, subnet_ids = module.networking.public_subnet_ids }
  host_name           = module.settings.chat.host_name
  elsewhere_host      = module.settings.chat.elsewhere_host
  certificate_arn     = data.aws_acm_certificate.chat[0].arn
  client_ca_pem       = fileexists("${path.root}/${module.settings.chat.client_ca_file}") ? file("${path.root}/${module.settings.chat.client_ca_file}") : null
  mutual_tls          = module.settings.chat.mutual_tls
  names               = module.settings.chat.names
  deletion_protection = local.deletion_protection
  alarm_topic_arn     = module.monitoring.topic_arn

  services = merge(
    {
      synapse = {
        port              = 8008
        security_group_id = module.networking.security_group_ids.chat
        health_path       = "/health"
        path_prefixes     = local.chat_client_paths
        priority          = 10
        target_group_name = module.settings.chat.names.target_group
      }
    },
    try(module.settings.chat_mcp.path, null) == null ? {} : {
      mcp = {
        port              = module.settings.chat_mcp.port
        security_group_id = module.networking.security_group_ids.chat
        health_path       = module.settings.chat_mcp.health_path
        path_prefixes     = [module.settings.chat_mcp.path]
        priority          = 20
      }
    },
  )
}

module "chat_database" {
  source = "../../modules/chat_database"

  environment = local.environment
  name        = local.chat_database.name
  image       = module.images.references.database_role
  server      = { host = module.rds.address, port = module.rds.port, master_secret_arn = module.rds.master_secret_arn }
  secret      = { generation = local.chat_database.generation, recovery_window_days = local.secret_recovery_window }
  log_group   = module.ecs.log_group

  run = {
    cluster_name      = module.ecs.cluster.name
    subnet_ids        = module.networking.private_subnet_ids
    security_group_id = module.networking.security_group_ids.chat
  }
}

module "chat" {
  source = "../../modules/chat"
  count  = local.synapse == null ? 0 : 1

  environment     = local.environment
  images          = { synapse = module.images.references.synapse, proxy = module.images.references.synapse_proxy }
  database        = module.chat_database.connection
  ecs             = module.ecs
  target_group    = local.chat == null ? null : module.chat_edge[0].target_groups.synapse
  size            = module.settings.synapse.size
  secret          = { generation = local.chat_database.generation, recovery_window_days = local.secret_recovery_window }
  alarm_topic_arn = module.monitoring.topic_arn

  server = {
    name          = module.settings.synapse.server_name
    public_url    = local.chat == null ? "http://synapse.${module.ecs.namespace.name}:8008/" : "https://${module.settings.chat.host_name}/"
    client_paths  = local.chat_client_paths
    max_upload_mb = module.settings.synapse.max_upload_mb
  }

  sign_in = module.settings.synapse.client_id == null ? null : {
    issuer      = module.cognito.issuer
    client_id   = module.settings.synapse.client_id
    user_claim  = module.settings.synapse.user_claim
    client_urls = module.settings.synapse.app_urls
  }

  network = {
    vpc_id            = module.networking.vpc_id
    subnet_ids        = module.networking.private_subnet_ids
    security_group_id = module.networking.security_group_ids.chat
  }
}

module "firewall" {
  source = "../../modules/firewall"
  count  = local.chat == null ? 0 : 1

  environment        = local.environment
  load_balancer_arn  = module.chat_edge[0].arn
  mode               = module.settings.chat.firewall.mode
  rate               = module.settings.chat.firewall.rate
  rules_json         = module.settings.chat.firewall.rules == null ? null : jsonencode(module.settings.chat.firewall.rules)
  operator_roles     = module.settings.chat.firewall.operator_roles
  log_retention_days = local.log_retention_days
}

module "cloudflare_chat" {
  source = "../../modules/cloudflare_chat"
  count  = local.chat == null ? 0 : 1

  zone_id        = module.settings.chat.cloudflare.zone_id
  host_name      = module.settings.chat.host_name
  elsewhere_host = module.settings.chat.elsewhere_host
  origin         = module.chat_edge[0].dns_name
  path_prefixes  = module.chat_edge[0].path_prefixes
  certificate_id = module.settings.chat.cloudflare.certificate_id
  ssl            = module.settings.chat.cloudflare.ssl
  rate           = module.settings.chat.cloudflare.rate
  rulesets       = module.settings.chat.cloudflare.rulesets
}

module "chat_mcp" {
  source = "../../modules/service"
  count  = local.chat_mcp == null ? 0 : 1

  environment     = local.environment
  name            = "chat-mcp"
  cluster         = module.ecs.cluster
  container       = { image = module.images.references.chat_mcp, port = module.settings.chat_mcp.port }
  scaling         = { min = 1, max = 2 }
  target_group    = module.settings.chat_mcp.path == null ? null : module.chat_edge[0].target_groups.mcp
  discovery       = { namespace_id = module.ecs.namespace.id }
  log_group       = module.ecs.log_group
  alarm_topic_arn = module.monitoring.topic_arn

  network = {
    subnet_ids        = module.networking.private_subnet_ids
    security_group_id = module.networking.security_group_ids.chat
  }
}

module "ssm" {
  source = "../../modules/ssm"

  environment     = local.environment
  app_secret_arn  = module.secrets.app_secret_arn
  clamd_host      = one(module.clamd[*].host)
  alarm_topic_arn = module.monitoring.topic_arn

  cognito = {
    user_pool_id  = module.cognito.user_pool_id
    user_pool_arn = module.cognito.user_pool_arn
    client_id     = module.cognito.client_id
  }

  network = {
    private_subnet_ids       = module.networking.private_subnet_ids
    lambda_security_group_id = module.networking.security_group_ids.lambda
  }
}

module "ci" {
  source = "../../modules/ci"

  environment        = local.environment
  subject            = local.ci_subject
  github_environment = local.ci_github_environment
  create_provider    = local.ci_creates_provider

  private_subnet_ids       = module.networking.private_subnet_ids
  lambda_security_group_id = module.networking.security_group_ids["lambda"]
}
