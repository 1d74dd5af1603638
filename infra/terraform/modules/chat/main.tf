data "aws_region" "current" {}
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  name         = "synapse"
  full_name    = "phenom-${var.environment}-${local.name}"
  port         = 8008 # of the proxy
  synapse_port = 8009 # of Synapse, on 127.0.0.1 only
  user         = 991  # of the image, which owns the media

  homeserver_yaml = templatefile("${path.module}/homeserver.yaml.tftpl", {
    server_name   = var.server.name
    public_url    = var.server.public_url
    port          = local.synapse_port
    max_upload_mb = var.server.max_upload_mb
    sign_in       = var.sign_in
  })

  nginx_conf = templatefile("${path.module}/nginx.conf.tftpl", {
    port          = local.port
    synapse_port  = local.synapse_port
    max_upload_mb = var.server.max_upload_mb
    client_paths  = var.server.client_paths
  })
}

module "service" {
  source = "../service"

  environment = var.environment
  name        = local.name
  cluster     = var.ecs.cluster
  size        = var.size
  scaling     = { single = true } # two processes would corrupt each other's caches and streams

  container = {
    image          = var.images.synapse
    port           = local.synapse_port
    user           = "${local.user}:${local.user}"
    read_only_root = false # uploads go through /tmp, and a volume there would belong to root
    entry_point    = ["/bin/sh", "-c"]
    command        = [file("${path.module}/start.sh")]
    environment = merge(
      {
        HOMESERVER_YAML   = local.homeserver_yaml
        MEDIA_DIRECTORY   = "/data"
        SIGNING_KEY_STORE = aws_secretsmanager_secret.signing_key.name
        PGHOST            = var.database.host
        PGPORT            = tostring(var.database.port)
        PGDATABASE        = var.database.name
        PGUSER            = var.database.user
        PGSSLMODE         = "require"
      },
      var.sign_in == null ? {} : {
        CLIENT_ID     = var.sign_in.client_id
        SIGN_IN_STORE = aws_secretsmanager_secret.sign_in.name
      },
    )
    secrets = merge(
      {
        PGPASSWORD          = "${var.database.secret_arn}:password::"
        SIGNING_KEY         = "${aws_secretsmanager_secret.signing_key.arn}:::"
        MACAROON_SECRET     = "${aws_secretsmanager_secret.this.arn}:macaroonSecret::"
        FORM_SECRET         = "${aws_secretsmanager_secret.this.arn}:formSecret::"
        REGISTRATION_SECRET = "${aws_secretsmanager_secret.this.arn}:registrationSecret::"
      },
      var.sign_in == null ? {} : { CLIENT_SECRET = "${aws_secretsmanager_secret.sign_in.arn}:::" },
    )
    health_command = ["CMD-SHELL", "curl -fsS http://127.0.0.1:${local.synapse_port}/health"]
    start_seconds  = 300 # after an upgrade, Synapse changes its tables first

    files = {
      # Of the mount targets: without them the task does not start.
      file_system_id  = one(distinct([for target in aws_efs_mount_target.this : target.file_system_id]))
      access_point_id = aws_efs_access_point.this.id
      path            = "/data"
    }

    proxy = {
      image       = var.images.proxy
      port        = local.port
      user        = "nginx"
      environment = { NGINX_CONF = local.nginx_conf }
      entry_point = ["/bin/sh", "-c"]
      command     = ["printf '%s\\n' \"$NGINX_CONF\" >/dev/shm/nginx.conf && exec nginx -c /dev/shm/nginx.conf"]
    }
  }

  network         = { subnet_ids = var.network.subnet_ids, security_group_id = var.network.security_group_id }
  target_group    = var.target_group
  discovery       = { namespace_id = var.ecs.namespace.id }
  log_group       = var.ecs.log_group
  alarm_topic_arn = var.alarm_topic_arn
}

# Also counts the 502 of the proxy while Synapse does not answer.
resource "aws_cloudwatch_metric_alarm" "errors" {
  count = var.target_group == null ? 0 : 1

  alarm_name          = "${local.full_name}-errors"
  alarm_description   = "Chat fails: Synapse or its proxy answered 10 or more requests with 5xx within 5 minutes. Runbook: docs/runbooks/synapse-errors.md"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  dimensions          = { TargetGroup = var.target_group.arn_suffix, LoadBalancer = var.target_group.load_balancer_arn_suffix }
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 10
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # no request failed
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
