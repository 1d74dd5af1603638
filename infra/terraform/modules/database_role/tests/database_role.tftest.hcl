mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment       = "test"
  image             = "registry.example.org/postgres@sha256:0123"
  app_secret_arn    = "arn:aws:secretsmanager:us-east-1:111122223333:secret:phenom-test-app-secrets-AbCdEf"
  master_secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!db-1-AbCdEf"
  log_group         = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test", name = "/ecs/phenom-test" }
  run               = { cluster_name = "phenom-test-cluster", subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
}

run "task_pulls_one_image_and_reads_two_secrets" {
  command = apply

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource
      } == {
      ReadSecrets     = [var.app_secret_arn, var.master_secret_arn]
      LogInToRegistry = ["*"]
      PullImage       = ["arn:aws:ecr:us-east-1:111122223333:repository/postgres"]
      WriteLogs       = ["arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test:log-stream:database-role/*"]
    }
    error_message = "The execution role has other permissions."
  }

  assert {
    condition = {
      for secret in one(jsondecode(aws_ecs_task_definition.this.container_definitions)).secrets : secret.name => secret.valueFrom
      } == {
      DATABASE_URL    = "${var.app_secret_arn}:databaseUrl::"
      MASTER_USER     = "${var.master_secret_arn}:username::"
      MASTER_PASSWORD = "${var.master_secret_arn}:password::"
    }
    error_message = "The container has other secrets."
  }
}

run "container_has_no_task_role" {
  command = apply

  assert {
    condition = (
      aws_ecs_task_definition.this.task_role_arn == null &&
      one(jsondecode(aws_ecs_task_definition.this.container_definitions)).readonlyRootFilesystem
    )
    error_message = "The container can call AWS, or write to its root file system."
  }
}

run "command_is_complete" {
  command = apply

  assert {
    condition = output.command == join(" ", [
      "aws ecs run-task --cluster phenom-test-cluster --task-definition phenom-test-database-role --launch-type FARGATE",
      "--network-configuration 'awsvpcConfiguration={subnets=[subnet-1,subnet-2],securityGroups=[sg-1]}'",
    ])
    error_message = "The command is different."
  }
}
