data "aws_region" "current" {}
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  name = "phenom-${var.environment}-database-role"
}

# Creates Hasura's role in the database. Run after the first apply and after every new generation of the app secret. Hasura
# does not use the master user, because it does not need those rights and RDS rotates that password every week.
resource "aws_ecs_task_definition" "this" {
  family                   = local.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([{
    name                   = "database-role"
    image                  = var.image
    essential              = true
    entryPoint             = ["/bin/sh", "-c"]
    command                = [file("${path.module}/role.sh")]
    user                   = "postgres"
    readonlyRootFilesystem = true
    secrets = [
      { name = "DATABASE_URL", valueFrom = "${var.app_secret_arn}:databaseUrl::" },
      { name = "MASTER_USER", valueFrom = "${var.master_secret_arn}:username::" },
      { name = "MASTER_PASSWORD", valueFrom = "${var.master_secret_arn}:password::" },
    ]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = var.log_group.name
        awslogs-region        = data.aws_region.current.region
        awslogs-stream-prefix = "database-role"
      }
    }
  }])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

resource "aws_iam_role" "execution" {
  name = local.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  name = "start-database-role"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadSecrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [var.app_secret_arn, var.master_secret_arn]
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${var.log_group.arn}:log-stream:database-role/*"]
      },
      {
        Sid      = "LogInToRegistry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"] # this call supports no resources
      },
      {
        Sid    = "PullImage"
        Effect = "Allow"
        Action = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = [format(
          "arn:%s:ecr:%s:%s:repository/%s", data.aws_partition.current.partition, data.aws_region.current.region,
          data.aws_caller_identity.current.account_id, regex("/([^:@]+)", var.image)[0]
        )]
      },
    ]
  })
}
