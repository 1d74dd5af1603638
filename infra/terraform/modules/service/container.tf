locals {
  # Mount path of each volume.
  volumes = merge(
    var.container.read_only_root ? { tmp = "/tmp" } : {},
    var.container.files == null ? {} : { files = try(var.container.files.path, null) },
  )

  # The container that accepts connections from outside the task.
  entrance = var.container.proxy == null ? { name = var.name, port = var.container.port } : {
    name = "proxy", port = try(var.container.proxy.port, null)
  }

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
    mountPoints            = [for name, path in local.volumes : { sourceVolume = name, containerPath = path, readOnly = false }]
    environment            = [for key, value in var.container.environment : { name = key, value = value }]
    secrets                = [for key, value in var.container.secrets : { name = key, valueFrom = value }]
    healthCheck = var.container.health_command == null ? null : {
      command     = var.container.health_command
      interval    = 30
      timeout     = 10
      retries     = 3
      startPeriod = var.container.start_seconds
    }
    logConfiguration = local.log_configuration
  }

  # Shares the task's network: it reaches the container at 127.0.0.1. It may write to /dev/shm only, which is in memory.
  proxies = [for proxy in var.container.proxy[*] : {
    name                   = local.entrance.name
    image                  = proxy.image
    essential              = true
    user                   = proxy.user
    entryPoint             = proxy.entry_point
    command                = proxy.command
    readonlyRootFilesystem = true
    linuxParameters        = local.container.linuxParameters
    stopTimeout            = local.container.stopTimeout
    portMappings           = [{ containerPort = proxy.port, hostPort = proxy.port, protocol = "tcp" }]
    environment            = [for key, value in proxy.environment : { name = key, value = value }]
    logConfiguration       = local.log_configuration
  }]

  log_configuration = {
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
