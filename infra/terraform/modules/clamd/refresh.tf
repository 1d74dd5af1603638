# The one task that asks ClamAV's public mirror: it copies new definitions into the bucket.
locals {
  refresh_name = "${local.full_name}-refresh"
  ecs_arn_prefix = format(
    "arn:%s:ecs:%s:%s", data.aws_partition.current.partition, data.aws_region.current.region,
    data.aws_caller_identity.current.account_id
  )
  own_account = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
}

resource "aws_ecs_task_definition" "refresh" {
  # checkov:skip=CKV_AWS_336: the user clamav writes the files that it downloads
  count = var.mirror == null ? 0 : 1

  family                   = local.refresh_name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 3072 # freshclam loads each new file once
  execution_role_arn       = module.service.execution_role_arn
  task_role_arn            = aws_iam_role.refresh[0].arn

  container_definitions = jsonencode([{
    name       = "refresh"
    image      = var.image
    essential  = true
    entryPoint = ["/bin/sh", "-c"]
    command    = [file("${path.module}/refresh.sh")]
    user       = "clamav"
    environment = [
      { name = "MIRROR_URL", value = local.mirror_url },
      { name = "AWS_REGION", value = data.aws_region.current.region },
    ]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = var.log_group.name
        awslogs-region        = data.aws_region.current.region
        awslogs-stream-prefix = local.name # clamd's execution role writes only there
      }
    }
  }])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

resource "aws_iam_role" "refresh" {
  count = var.mirror == null ? 0 : 1

  name = local.refresh_name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = { StringEquals = local.own_account, ArnLike = { "aws:SourceArn" = "${local.ecs_arn_prefix}:*" } }
    }]
  })
}

resource "aws_iam_role_policy" "refresh" {
  count = var.mirror == null ? 0 : 1

  name = "publish-definitions"
  role = aws_iam_role.refresh[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "PublishDefinitions"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = [for file in ["main", "bytecode", "daily"] : "${local.bucket_arn}/${file}.cvd"]
    }]
  })
}

# Without a start date, the first run begins as soon as the schedule exists.
resource "aws_scheduler_schedule" "refresh" {
  # checkov:skip=CKV_AWS_297: AWS's key; the schedule contains no secret
  count = var.mirror == null ? 0 : 1

  name                = local.refresh_name
  description         = "Copies new virus definitions to ${local.bucket}."
  schedule_expression = "rate(4 hours)" # one failed run still leaves the definitions younger than 36 hours

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.cluster.arn
    role_arn = aws_iam_role.scheduler[0].arn

    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.refresh[0].arn
      launch_type         = "FARGATE"
      propagate_tags      = "TASK_DEFINITION"

      network_configuration {
        subnets          = var.network.subnet_ids
        security_groups  = [var.network.security_group_id]
        assign_public_ip = false
      }
    }

    # For calls that ECS rejects, also because IAM does not know the new role yet. A task that fails is not repeated.
    retry_policy {
      maximum_retry_attempts       = 10
      maximum_event_age_in_seconds = 3600
    }
  }

  depends_on = [aws_iam_role_policy.scheduler, aws_iam_role_policy.refresh]
}

resource "aws_iam_role" "scheduler" {
  count = var.mirror == null ? 0 : 1

  name = "${local.refresh_name}-schedule"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = local.own_account }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  count = var.mirror == null ? 0 : 1

  name = "run-refresh"
  role = aws_iam_role.scheduler[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RunRefresh"
        Effect    = "Allow"
        Action    = ["ecs:RunTask"]
        Resource  = ["${local.ecs_arn_prefix}:task-definition/${local.refresh_name}:*"] # any revision
        Condition = { ArnEquals = { "ecs:cluster" = var.cluster.arn } }
      },
      {
        Sid       = "TagRefresh"
        Effect    = "Allow"
        Action    = ["ecs:TagResource"]
        Resource  = ["${local.ecs_arn_prefix}:task/${var.cluster.name}/*"] # ECS chooses the id
        Condition = { StringEquals = { "ecs:CreateAction" = "RunTask" } }
      },
      {
        Sid       = "PassRolesOfRefresh"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [aws_iam_role.refresh[0].arn, module.service.execution_role_arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  })
}
