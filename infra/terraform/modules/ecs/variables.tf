variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "services" {
  description = <<-EOT
    Services by name, as module `applications` defines them. graphql is also registered in the private DNS namespace, as
    `graphql.<namespace>`.
  EOT
  type = map(object({
    image          = string
    port           = number
    environment    = map(string)
    secrets        = map(string)
    command        = optional(list(string))
    task_policies  = optional(map(string), {})
    read_only_root = optional(bool, true)
    start_seconds  = optional(number, 60)
  }))

  validation {
    condition     = contains(keys(var.services), "graphql")
    error_message = "services needs an entry graphql, which the other services call."
  }
}

variable "target_groups" {
  description = "Target group of each service, by service name."
  type        = map(object({ arn = string, arn_suffix = string, load_balancer_arn_suffix = string }))

  validation {
    condition     = length(setsubtract(keys(var.services), keys(var.target_groups))) == 0
    error_message = "target_groups needs an entry for every service."
  }
}

variable "network" {
  description = "Ids of the VPC, the private subnets and the tasks' security group."
  type        = object({ vpc_id = string, subnet_ids = list(string), security_group_id = string })

  validation {
    condition     = length(var.network.subnet_ids) >= 2
    error_message = "network.subnet_ids needs subnets in two availability zones."
  }
}

variable "size" {
  description = "CPU units and memory in MiB of each task."
  type        = object({ cpu = optional(number, 256), memory = optional(number, 512) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.size.cpu >= 256 && var.size.memory >= 512
    error_message = "size.cpu must be at least 256, and size.memory at least 512."
  }
}

variable "scaling" {
  description = "Minimum and maximum tasks per service, and the percentage of tasks above the first on Fargate Spot."
  type        = object({ min = optional(number, 2), max = optional(number, 6), spot_percent = optional(number, 0) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.scaling.min >= 1 && var.scaling.max >= var.scaling.min
    error_message = "scaling.min must be at least 1, and scaling.max at least scaling.min."
  }
}

variable "log_retention_days" {
  description = "Retention of the log groups, in days."
  type        = number
  default     = 30

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days
    )
    error_message = "log_retention_days must be a retention period of CloudWatch Logs, such as 7, 30 or 365."
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

