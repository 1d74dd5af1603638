mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment       = "test"
  app_secret_arn    = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-app-secrets-AbCdEf"
  master_secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!db-1-AbCdEf"
  log_group         = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test", name = "/ecs/phenom-test" }
  run               = { cluster_name = "phenom-test", subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
}

run "reads_both_secrets_and_nothing_else" {
  command = apply

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource
      } == {
      ReadSecrets = [var.app_secret_arn, var.master_secret_arn]
      WriteLogs   = ["arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test:log-stream:database-role/*"]
    }
    error_message = "The task may read or write elsewhere."
  }

  assert {
    condition = {
      for secret in one(jsondecode(aws_ecs_task_definition.this.container_definitions)).secrets : secret.name => secret.valueFrom
      } == {
      DATABASE_URL    = "${var.app_secret_arn}:databaseUrl::"
      MASTER_USER     = "${var.master_secret_arn}:username::"
      MASTER_PASSWORD = "${var.master_secret_arn}:password::"
    }
    error_message = "The task gets other secrets."
  }
}

run "the_container_has_no_rights_of_its_own" {
  command = apply

  assert {
    condition = (
      aws_ecs_task_definition.this.task_role_arn == null &&
      one(jsondecode(aws_ecs_task_definition.this.container_definitions)).readonlyRootFilesystem
    )
    error_message = "The container may call AWS, or write to its disk."
  }
}

run "the_command_can_be_pasted" {
  command = apply

  assert {
    condition = output.command == join(" ", [
      "aws ecs run-task --cluster phenom-test --task-definition phenom-test-database-role --launch-type FARGATE",
      "--network-configuration 'awsvpcConfiguration={subnets=[subnet-1,subnet-2],securityGroups=[sg-1]}'",
    ])
    error_message = "The command is another."
  }
}
