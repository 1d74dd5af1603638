locals {
  volumes = var.container.read_only_root ? ["tmp"] : []

  container = {
    name                   = var.name
    image                  = var.container.image
    essential              = true
    user                   = var.container.user
    entryPoint             = var.container.entry_point
    command                = var.container.command
    readonlyRootFilesystem = var.container.read_only_root
    linuxParameters        = { initProcessEnabled = true } # reaps child processes and forwards signals
    stopTimeout            = 60                            # seconds to finish running requests
    portMappings           = [{ containerPort = var.container.port, hostPort = var.container.port, protocol = "tcp" }]
    mountPoints            = [for name in local.volumes : { sourceVolume = name, containerPath = "/${name}", readOnly = false }]
    environment            = [for key, value in var.container.environment : { name = key, value = value }]
    secrets                = [for key, value in var.container.secrets : { name = key, valueFrom = value }]
    healthCheck = var.container.health_command == null ? null : {
      command     = var.container.health_command
      interval    = 30
      timeout     = 10
      retries     = 3
      startPeriod = var.container.start_seconds
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = var.log_group.name
        awslogs-region        = data.aws_region.current.region
        awslogs-stream-prefix = var.name
        mode                  = "non-blocking" # slow log delivery must not block the service
        max-buffer-size       = "4m"
      }
    }
  }
}
