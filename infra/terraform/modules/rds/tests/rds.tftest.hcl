mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment     = "test"
  network         = { subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "instance_has_the_specified_name_and_size" {
  command = apply

  assert {
    condition     = aws_db_instance.this.identifier == "phenom-test-postgres" && output.identifier == "phenom-test-postgres"
    error_message = "The instance has another identifier."
  }

  assert {
    condition = (
      aws_db_instance.this.engine == "postgres" && aws_db_instance.this.engine_version == "17" &&
      aws_db_instance.this.instance_class == "db.m5.large"
    )
    error_message = "The instance has another engine, version or class."
  }

  assert {
    condition     = aws_db_instance.this.allocated_storage == 20 && aws_db_instance.this.max_allocated_storage == 100
    error_message = "Storage does not grow from 20 to 100 GB."
  }

  assert {
    condition = (
      aws_db_instance.this.backup_retention_period == 7 && aws_db_instance.this.backup_window == "03:00-04:00" &&
      aws_db_instance.this.maintenance_window == "sun:04:00-sun:05:00"
    )
    error_message = "Backup retention, backup window or maintenance window is different."
  }
}

run "rds_installs_minor_versions_and_charges_no_extended_support" {
  command = apply

  assert {
    condition = (
      aws_db_instance.this.auto_minor_version_upgrade && !aws_db_instance.this.allow_major_version_upgrade &&
      aws_db_instance.this.engine_lifecycle_support == "open-source-rds-extended-support-disabled"
    )
    error_message = "Minor upgrades are off, major upgrades are on, or extended support is charged."
  }
}

run "plan_asks_rds_for_the_version_with_this_class_and_storage" {
  command = apply

  assert {
    condition = (
      data.aws_rds_engine_version.this.version == "17" && data.aws_rds_engine_version.this.latest &&
      data.aws_rds_orderable_db_instance.this.engine_version == "17.9" &&
      data.aws_rds_orderable_db_instance.this.instance_class == aws_db_instance.this.instance_class &&
      data.aws_rds_orderable_db_instance.this.storage_type == aws_db_instance.this.storage_type
    )
    error_message = "The plan checks another version, class or storage type than it creates."
  }
}

run "instance_is_private_encrypted_and_protected" {
  command = apply

  assert {
    condition = (
      aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible &&
      aws_db_instance.this.vpc_security_group_ids == toset(["sg-1"])
    )
    error_message = "The database is not encrypted, or publicly accessible."
  }

  assert {
    condition = (
      aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot &&
      aws_db_instance.this.final_snapshot_identifier == "phenom-test-final" && aws_db_instance.this.copy_tags_to_snapshot
    )
    error_message = "The database can be deleted, or is deleted without a final snapshot."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "The master password is in the state."
  }
}

run "tls_is_forced_and_logs_contain_no_personal_data" {
  command = apply

  assert {
    condition = {
      for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value
      if contains(["rds.force_ssl", "log_statement", "log_min_duration_statement"], parameter.name)
    } == { "rds.force_ssl" = "1", log_statement = "ddl", log_min_duration_statement = "1000" }
    error_message = "TLS is not forced, or the log settings are different."
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres17"
    error_message = "The parameter group is for another version."
  }

  assert {
    condition = alltrue([
      for kind, group in aws_cloudwatch_log_group.this :
      group.retention_in_days == 30 && group.name == "/aws/rds/instance/phenom-test-postgres/${kind}"
    ]) && aws_db_instance.this.enabled_cloudwatch_logs_exports == toset(["postgresql", "upgrade"])
    error_message = "PostgreSQL's logs are not exported, or have another retention."
  }
}

run "instance_is_monitored" {
  command = apply

  assert {
    condition = (
      aws_db_instance.this.performance_insights_enabled && aws_db_instance.this.monitoring_interval == 60 &&
      aws_db_instance.this.monitoring_role_arn == aws_iam_role.monitoring.arn
    )
    error_message = "Performance Insights or enhanced monitoring is off."
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => "${alarm.metric_name} ${alarm.threshold}" } == {
      cpu         = "CPUUtilization 80"
      storage     = "FreeStorageSpace 2147483648"
      connections = "DatabaseConnections 300"
      memory      = "FreeableMemory 268435456"
    }
    error_message = "An alarm is missing, or has another threshold."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([var.alarm_topic_arn]) &&
      alarm.treat_missing_data == "breaching"
    ])
    error_message = "An alarm does not notify the topic, or ignores missing data."
  }
}
