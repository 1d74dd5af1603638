variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
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

variable "image" {
  description = "Image, by digest, with clamd, clamdscan, freshclam and a user clamav, such as the official clamav/clamav."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@\\S+$", var.image))
    error_message = "image must be REPOSITORY@sha256:…: a tag can change."
  }
}

variable "configuration" {
  description = "clamd.conf without address and directories, which this module adds."
  type        = string

  validation {
    condition     = can(regex("(?m)^AlertExceedsMax yes$", var.configuration)) && can(regex("(?m)^StreamMaxLength ", var.configuration))
    error_message = "configuration must set StreamMaxLength and AlertExceedsMax yes; otherwise oversized files pass as clean."
  }

  validation {
    condition     = !can(regex("(?m)^(TCPSocket|TCPAddr|LocalSocket|DatabaseDirectory)\\b", var.configuration))
    error_message = "configuration must not set TCPSocket, TCPAddr, LocalSocket or DatabaseDirectory: this module sets them."
  }
}

variable "network" {
  description = "Ids of the private subnets and of clamd's security group."
  type        = object({ subnet_ids = list(string), security_group_id = string })

  validation {
    condition     = length(var.network.subnet_ids) > 0
    error_message = "network.subnet_ids needs at least one subnet."
  }
}

variable "namespace" {
  description = "Private DNS namespace in which clamd is registered as `clamd.<name>`."
  type        = object({ id = string, name = string })

  validation {
    condition     = can(regex("^[a-z0-9.-]+$", var.namespace.name))
    error_message = "namespace.name must be a domain name."
  }
}

variable "log_group" {
  description = "Log group of clamd and freshclam."
  type        = object({ arn = string, name = string })

  validation {
    condition     = can(regex("^arn:[a-z-]+:logs:", var.log_group.arn))
    error_message = "log_group.arn must be the ARN of a log group."
  }
}

variable "scaling" {
  description = "Number of tasks. With one task, scans fail and are retried while it restarts; two avoid this."
  type        = object({ min = optional(number, 1), max = optional(number, 2) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.scaling.min >= 1 && var.scaling.max >= var.scaling.min
    error_message = "scaling.min must be at least 1, and scaling.max at least scaling.min."
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

variable "mirror" {
  description = <<-EOT
    Private mirror of the definitions, read through this gateway endpoint for S3; `image` then needs curl. With null, every
    task downloads from ClamAV's public mirror, which refuses an address that asks too often.
  EOT
  type        = object({ s3_endpoint_id = string })
  default     = null

  validation {
    condition     = var.mirror == null || can(regex("^vpce-", var.mirror.s3_endpoint_id))
    error_message = "mirror.s3_endpoint_id must be the id of a VPC endpoint."
  }
}
