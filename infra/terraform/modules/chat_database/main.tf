data "aws_region" "current" {}
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  name = "phenom-${var.environment}-chat-database"

  # Only used in a write-only argument: neither plan nor state contains it (see module secrets).
  password = sha256("${uuid()}${uuid()}")
}

# Password of Synapse's role.
resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV_AWS_149: encrypted with AWS's key; no other account has access
  # checkov:skip=CKV2_AWS_57: rotated by hand (generation), because Synapse reads it only when it starts

  name                    = local.name
  description             = "Role and password of Synapse in the database ${var.name}."
  recovery_window_in_days = var.secret.recovery_window_days
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = jsonencode({ username = var.name, password = local.password })
  secret_string_wo_version = var.secret.generation
}

# Creates Synapse's role and database. Run after the first apply, after every new generation of the password, and after the
# instance was restored from a copy that must not contain this database.
resource "aws_ecs_task_definition" "this" {
  family                   = local.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([{
    name                   = "chat-database"
    image                  = var.image
    essential              = true
    entryPoint             = ["/bin/sh", "-c"]
    command                = [file("${path.module}/database.sh")]
    user                   = "postgres"
    readonlyRootFilesystem = true
    environment = [
      { name = "NAME", value = var.name },
      { name = "PGHOST", value = var.server.host },
      { name = "PGPORT", value = tostring(var.server.port) },
    ]
    secrets = [
      { name = "PASSWORD", valueFrom = "${aws_secretsmanager_secret.this.arn}:password::" },
      { name = "MASTER_USER", valueFrom = "${var.server.master_secret_arn}:username::" },
      { name = "MASTER_PASSWORD", valueFrom = "${var.server.master_secret_arn}:password::" },
    ]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = var.log_group.name
        awslogs-region        = data.aws_region.current.region
        awslogs-stream-prefix = "chat-database"
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
  name = "start-chat-database"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadSecrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [aws_secretsmanager_secret.this.arn, var.server.master_secret_arn]
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${var.log_group.arn}:log-stream:chat-database/*"]
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
