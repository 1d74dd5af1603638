locals {
  name         = "phenom-${var.environment}"
  identifier   = "${local.name}-postgres"
  logs         = toset(["postgresql", "upgrade"])
  storage_type = "gp3"

  lifecycle_support = "open-source-rds-extended-support-disabled" # extended support is charged per vCPU and hour

  # Parameters take effect at once, except where apply_method is pending-reboot.
  parameters = {
    "rds.force_ssl"              = { value = "1" }
    "log_connections"            = { value = "1" }
    "log_disconnections"         = { value = "1" }
    "log_lock_waits"             = { value = "1" }
    "log_min_duration_statement" = { value = "1000" } # milliseconds
    "log_statement"              = { value = "ddl" }  # queries would put personal data into the log
    "log_parameter_max_length"   = { value = "0" }    # as would the parameters of slow statements
    "shared_preload_libraries"   = { value = "pg_stat_statements", apply_method = "pending-reboot" }
  }
}

# RDS retires minor versions: it still runs them, but creates no new instances of them. These data sources fail in the plan
# when RDS does not offer the version with the instance class; without them, only the apply would fail.
data "aws_rds_engine_version" "this" {
  engine  = "postgres"
  version = var.engine.version
  latest  = true # the newest minor version of a major version
}

data "aws_rds_orderable_db_instance" "this" {
  engine         = "postgres"
  engine_version = data.aws_rds_engine_version.this.version_actual
  instance_class = var.instance_class
  storage_type   = local.storage_type
  vpc            = true
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
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = try(parameter.value.apply_method, "immediate")
    }
  }

  lifecycle {
    create_before_destroy = true # a major upgrade moves the instance to the new group
  }
}

# Otherwise RDS creates these log groups without retention.
resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_158: encrypted with AWS's key; nothing in these logs justifies the cost of a customer managed key

  for_each = local.logs

  name              = "/aws/rds/instance/${local.identifier}/${each.key}"
  retention_in_days = var.log_retention_days
}

resource "aws_db_instance" "this" {
  # checkov:skip=CKV_AWS_354: Performance Insights is encrypted with AWS's key and kept for 7 days
  # checkov:skip=CKV2_AWS_69: the parameter group forces TLS (rds.force_ssl) in a dynamic block that the check cannot read

  identifier = local.identifier

  engine                      = "postgres"
  engine_version              = var.engine.version # a major version also matches after minor upgrades
  engine_lifecycle_support    = local.lifecycle_support
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = var.engine.allow_major_upgrade
  apply_immediately           = var.engine.apply_at_once
  instance_class              = var.instance_class
  parameter_group_name        = aws_db_parameter_group.this.name
  ca_cert_identifier          = "rds-ca-rsa2048-g1"

  db_name                     = var.names.database
  username                    = var.names.master_user
  manage_master_user_password = true # RDS creates it, stores it in Secrets Manager and rotates it every week

  iam_database_authentication_enabled = true # for operators, without a password

  storage_type          = local.storage_type
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
  performance_insights_retention_period = 7 # days; longer retention is charged
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = local.logs

  depends_on = [aws_cloudwatch_log_group.this]

  lifecycle {
    ignore_changes = [snapshot_identifier]
  }
}
