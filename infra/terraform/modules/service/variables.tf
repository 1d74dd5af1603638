variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "name" {
  description = "Short name of the service. The ECS service is called `phenom-<environment>-<name>`."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "name must be 2 to 31 lower-case letters, digits and hyphens."
  }
}

variable "cluster" {
  description = "ARN and name of the ECS cluster."
  type        = object({ arn = string, name = string })

  validation {
    condition     = can(regex("^arn:[a-z-]+:ecs:", var.cluster.arn))
    error_message = "cluster.arn must be the ARN of an ECS cluster."
  }
}

variable "container" {
  description = <<-EOT
    The container. `secrets` maps environment variables to `<secret ARN>:<key>::`. With `read_only_root`, the container can
    only write to /tmp and `files`. `health_command` runs in the container every 30 s; failures count after `start_seconds`.
    `files` mounts an EFS access point at `path`, encrypted and authorized by the task role. With `proxy`, a second
    container accepts the connections on its own port; it reaches this one at 127.0.0.1 and writes to /dev/shm only.
  EOT
  type = object({
    image          = string
    port           = number
    environment    = optional(map(string), {})
    secrets        = optional(map(string), {})
    entry_point    = optional(list(string))
    command        = optional(list(string))
    user           = optional(string)
    read_only_root = optional(bool, true)
    health_command = optional(list(string))
    start_seconds  = optional(number, 60)
    files          = optional(object({ file_system_id = string, access_point_id = string, path = string }))
    proxy = optional(object({
      image       = string
      port        = number
      environment = optional(map(string), {})
      entry_point = optional(list(string))
      command     = optional(list(string))
      user        = optional(string)
    }))
  })

  validation {
    condition = alltrue([
      for value in values(var.container.secrets) : can(regex("^arn:[a-z-]+:secretsmanager:[^:]+:[^:]+:secret:[^:]+:[^:]*::$", value))
    ])
    error_message = "container.secrets must contain values of the form <full secret ARN>:<key>::."
  }

  validation {
    condition     = var.container.start_seconds >= 0 && var.container.start_seconds <= 300
    error_message = "container.start_seconds must be between 0 and 300, which is ECS's limit."
  }

  validation {
    condition     = var.container.files == null || can(regex("^/[^/]", var.container.files.path)) && try(var.container.files.path, "") != "/tmp"
    error_message = "container.files.path must be an absolute path other than / and /tmp."
  }

  validation {
    condition     = var.container.proxy == null || try(var.container.proxy.port != var.container.port, false)
    error_message = "container.proxy.port must differ from container.port: both containers have the task's address."
  }
}

variable "size" {
  description = "CPU units (1024 = 1 vCPU) and memory in MiB of a task, in a combination that Fargate supports."
  type        = object({ cpu = optional(number, 256), memory = optional(number, 512) })
  default     = {}
  nullable    = false

  validation {
    condition = contains(keys(local.fargate_memory), tostring(var.size.cpu)) && try(
      var.size.memory >= local.fargate_memory[var.size.cpu][0] && var.size.memory <= local.fargate_memory[var.size.cpu][1] &&
      (var.size.memory % 1024 == 0 || var.size.cpu == 256 && var.size.memory == 512), false
    )
    error_message = "size must be a combination that Fargate supports, such as 256/512, 512/1024 or 1024/4096."
  }
}

variable "scaling" {
  description = <<-EOT
    Minimum and maximum number of tasks, autoscaling's targets for average CPU and memory (percent), and the percentage of
    tasks above the first that runs on Fargate Spot, which AWS can reclaim with two minutes' notice. `single` instead runs
    one task, never two: a deployment stops the old task before it starts the new one, and nothing scales.
  EOT
  type = object({
    single         = optional(bool, false)
    min            = optional(number, 2)
    max            = optional(number, 6)
    cpu_percent    = optional(number, 60)
    memory_percent = optional(number, 70)
    spot_percent   = optional(number, 0)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.scaling.min >= 1 && var.scaling.max >= var.scaling.min
    error_message = "scaling.min must be at least 1, and scaling.max at least scaling.min."
  }

  validation {
    condition = alltrue([
      for percent in [var.scaling.cpu_percent, var.scaling.memory_percent] : percent >= 10 && percent <= 90
    ]) && var.scaling.spot_percent >= 0 && var.scaling.spot_percent <= 100
    error_message = "scaling.cpu_percent and scaling.memory_percent must be 10 to 90, and scaling.spot_percent 0 to 100."
  }

  validation {
    condition     = !var.scaling.single || var.scaling.spot_percent == 0
    error_message = "scaling.spot_percent must be 0 with scaling.single: the only task never runs on Spot."
  }
}

variable "network" {
  description = "Ids of the private subnets and of the tasks' security group."
  type        = object({ subnet_ids = list(string), security_group_id = string })

  validation {
    condition     = length(var.network.subnet_ids) > 0
    error_message = "network.subnet_ids needs at least one subnet."
  }
}

variable "target_group" {
  description = "Target group of the load balancer. Null for a service without load balancer."
  type        = object({ arn = string, arn_suffix = string, load_balancer_arn_suffix = string })
  default     = null

  validation {
    condition     = var.target_group == null || can(regex("^arn:[a-z-]+:elasticloadbalancing:", var.target_group.arn))
    error_message = "target_group.arn must be the ARN of a target group."
  }
}

variable "discovery" {
  description = "Private DNS namespace in which the tasks are registered as `<name>.<namespace>`. Null disables discovery."
  type        = object({ namespace_id = string })
  default     = null

  validation {
    condition     = var.discovery == null || try(length(var.discovery.namespace_id) > 0, false)
    error_message = "discovery.namespace_id must be the id of a namespace."
  }
}

variable "log_group" {
  description = "Log group of the container. Its log streams start with the service's short name."
  type        = object({ name = string, arn = string })

  validation {
    condition     = can(regex("^arn:[a-z-]+:logs:", var.log_group.arn))
    error_message = "log_group.arn must be the ARN of a log group."
  }
}

variable "task_policies" {
  description = "IAM policies (JSON) of the task role, by name."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for policy in values(var.task_policies) : can(jsondecode(policy))])
    error_message = "task_policies must be JSON documents."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that the alarms notify."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:sns:", var.alarm_topic_arn))
    error_message = "alarm_topic_arn must be the ARN of an SNS topic."
  }
}
