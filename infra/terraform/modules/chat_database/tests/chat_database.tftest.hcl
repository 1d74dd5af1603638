mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  name        = "synapse"
  image       = "registry.example.org/postgres@sha256:0123"
  server = {
    host              = "db.example.org"
    master_secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!db-1-AbCdEf"
  }
  log_group = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test", name = "/ecs/phenom-test" }
  run       = { cluster_name = "phenom-test-cluster", subnet_ids = ["subnet-1", "subnet-2"], security_group_id = "sg-1" }
}

run "task_pulls_one_image_and_reads_two_secrets" {
  command = apply

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource
      } == {
      ReadSecrets     = [aws_secretsmanager_secret.this.arn, var.server.master_secret_arn]
      LogInToRegistry = ["*"]
      PullImage       = ["arn:aws:ecr:us-east-1:111122223333:repository/postgres"]
      WriteLogs       = ["arn:aws:logs:us-east-1:111122223333:log-group:/ecs/phenom-test:log-stream:chat-database/*"]
    }
    error_message = "The execution role has other permissions."
  }

  assert {
    condition = {
      for secret in one(jsondecode(aws_ecs_task_definition.this.container_definitions)).secrets : secret.name => secret.valueFrom
      } == {
      PASSWORD        = "${aws_secretsmanager_secret.this.arn}:password::"
      MASTER_USER     = "${var.server.master_secret_arn}:username::"
      MASTER_PASSWORD = "${var.server.master_secret_arn}:password::"
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

run "state_does_not_contain_the_password" {
  command = apply

  assert {
    condition = (
      aws_secretsmanager_secret.this.name == "phenom-test-chat-database" &&
      aws_secretsmanager_secret_version.this.secret_string == null &&
      aws_secretsmanager_secret_version.this.secret_string_wo == null &&
      aws_secretsmanager_secret_version.this.secret_string_wo_version == 1 && length(local.password) == 64
    )
    error_message = "The state contains the password, or the password is short."
  }
}

run "command_and_connection_are_complete" {
  command = apply

  assert {
    condition = output.command == join(" ", [
      "aws ecs run-task --cluster phenom-test-cluster --task-definition phenom-test-chat-database --launch-type FARGATE",
      "--network-configuration 'awsvpcConfiguration={subnets=[subnet-1,subnet-2],securityGroups=[sg-1]}'",
    ])
    error_message = "The command is different."
  }

  assert {
    condition = output.connection == {
      host = "db.example.org", port = 5432, name = "synapse", user = "synapse", secret_arn = aws_secretsmanager_secret.this.arn
    }
    error_message = "The connection is different."
  }
}
