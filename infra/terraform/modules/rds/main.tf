locals {
  name = "phenom-${var.environment}"
  logs = toset(["postgresql", "upgrade"])

  # Changed values that wait for a reboot are marked; the rest take effect at once.
  parameters = {
    "rds.force_ssl"              = { value = "1" }
    "log_connections"            = { value = "1" }
    "log_disconnections"         = { value = "1" }
    "log_lock_waits"             = { value = "1" }
    "log_min_duration_statement" = { value = "1000" } # milliseconds
    "log_statement"              = { value = "ddl" }  # no queries: they hold people's data
    "log_parameter_max_length"   = { value = "0" }    # nor the parameters of slow ones
    "shared_preload_libraries"   = { value = "pg_stat_statements", apply_method = "pending-reboot" }
  }
}

resource "aws_db_subnet_group" "this" {
  name        = local.name
  description = "Database subnets of ${local.name}"
  subnet_ids  = var.network.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${local.name}-"
  description = "TLS forced, slow statements, locks and schema changes logged"
  family      = "postgres${split(".", var.engine.version)[0]}"

  dynamic "parameter" {
    for_each = local.terraform_values

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = try(parameter.value.apply_method, "immediate")
    }
  }

  lifecycle {
    create_before_destroy = true # an upgrade moves the instance from one to the other
  }
}

# RDS would make these itself, and keep them for ever.
resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_158: AWS encrypts logs with its own key; these hold nothing that deserves one of ours and its price

  for_each = local.logs

  name              = "/aws/rds/instance/${local.name}/${each.key}"
  retention_in_days = var.log_retention_days
}

resource "aws_db_instance" "this" {
  # checkov:skip=CKV_AWS_226: the version is pinned: an upgrade by RDS would be undone by the next apply
  # checkov:skip=CKV_AWS_354: AWS's own key encrypts Performance Insights; it is kept for 7 days
  # checkov:skip=CKV2_AWS_69: the parameter group forces TLS (rds.force_ssl), in a dynamic block that the check cannot read

  identifier = local.name

  engine                      = "postgres"
  engine_version              = var.engine.version
  auto_minor_version_upgrade  = false # the version is pinned; RDS's own upgrades would be undone by the next apply
  allow_major_version_upgrade = var.engine.allow_major_upgrade
  apply_immediately           = var.engine.apply_at_once
  instance_class              = var.instance_class
  parameter_group_name        = aws_db_parameter_group.this.name
  ca_cert_identifier          = "rds-ca-rsa2048-g1"

  db_name                     = var.names.database
  username                    = var.names.master_user
  manage_master_user_password = true # RDS makes it, keeps it in Secrets Manager and changes it every week

  iam_database_authentication_enabled = true # a way in for people, without a password

  storage_type          = "gp3"
  storage_encrypted     = true
  allocated_storage     = var.storage_gb.initial
  max_allocated_storage = var.storage_gb.maximum

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.network.security_group_id]
  publicly_accessible    = false
  multi_az               = var.multi_az

  backup_retention_period   = var.backup_retention_days
  backup_window             = "03:00-04:00"
  maintenance_window        = "sun:04:00-sun:05:00"
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  delete_automated_backups  = false
  skip_final_snapshot       = false
  final_snapshot_identifier = "${local.name}-final"
  snapshot_identifier       = var.snapshot_identifier

  performance_insights_enabled          = true
  performance_insights_retention_period = 7 # days; longer costs
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = local.logs

  depends_on = [aws_cloudwatch_log_group.this]

  lifecycle {
    ignore_changes = [snapshot_identifier]
  }
}
