mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment     = "test"
  network         = { subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
  alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alarms"
}

run "database_is_created_from_a_snapshot" {
  command = apply

  variables {
    multi_az              = true
    backup_retention_days = 35
    snapshot_identifier   = "phenom-before-the-move"
    engine                = { version = "16.8", apply_at_once = true }
    names                 = { database = "old", master_user = "old_admin" }
  }

  assert {
    condition = (
      aws_db_instance.this.multi_az && aws_db_instance.this.backup_retention_period == 35 &&
      aws_db_instance.this.snapshot_identifier == "phenom-before-the-move" &&
      aws_db_instance.this.apply_immediately && aws_db_instance.this.db_name == "old" && aws_db_instance.this.username == "old_admin"
    )
    error_message = "A setting is not applied."
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres16"
    error_message = "The parameter group does not follow the version."
  }
}

run "changed_snapshot_identifier_is_ignored" {
  command = plan

  variables {
    multi_az              = true
    backup_retention_days = 35
    snapshot_identifier   = "another"
    engine                = { version = "16.8", apply_at_once = true }
  }

  assert {
    condition     = aws_db_instance.this.snapshot_identifier == "phenom-before-the-move"
    error_message = "A changed snapshot_identifier would replace the database."
  }
}
