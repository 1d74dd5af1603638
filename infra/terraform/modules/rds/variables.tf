variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "network" {
  description = "Ids of the database subnets, in at least two availability zones, and of the database's security group."
  type        = object({ subnet_ids = list(string), security_group_id = string })

  validation {
    condition     = length(var.network.subnet_ids) >= 2 && length(var.network.security_group_id) > 0
    error_message = "network needs subnets in two availability zones and a security group."
  }
}

variable "names" {
  description = "Names of the database and the master user. An imported or restored database keeps its names."
  type        = object({ database = optional(string, "phenom"), master_user = optional(string, "phenom") })
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in values(var.names) : can(regex("^[a-z_][a-z0-9_]{0,62}$", name))])
    error_message = "names.database and names.master_user must be plain lower-case PostgreSQL names."
  }
}

variable "engine" {
  description = <<-EOT
    Version of PostgreSQL. A major version such as 17 is recommended: RDS creates the newest minor version and upgrades it
    in the maintenance window. RDS retires minor versions such as 17.4: it refuses to create them and upgrades existing
    instances even without permission. A new major version needs `allow_major_upgrade`.
    `apply_at_once` applies changes that need a restart immediately instead of in the next maintenance window.
  EOT
  type = object({
    version             = optional(string, "17")
    allow_major_upgrade = optional(bool, false)
    apply_at_once       = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^1[4-9](\\.[0-9]+)?$", var.engine.version))
    error_message = "engine.version must be a major version of PostgreSQL such as 17, or a minor version such as 17.9."
  }
}

variable "instance_class" {
  description = "Instance class."
  type        = string
  default     = "db.m5.large"

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be an RDS class such as db.m5.large."
  }
}

variable "storage_gb" {
  description = "Storage in GB: initial size, and maximum for storage autoscaling."
  type        = object({ initial = optional(number, 20), maximum = optional(number, 100) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.storage_gb.initial >= 20 && var.storage_gb.maximum >= var.storage_gb.initial * 1.1
    error_message = "storage_gb.initial must be at least 20, and storage_gb.maximum at least 10 % larger."
  }
}

variable "multi_az" {
  description = "Runs a standby in another zone that takes over when the instance or its zone fails."
  type        = bool
  default     = false
  nullable    = false
}

variable "deletion_protection" {
  description = "Protects the instance from deletion."
  type        = bool
  default     = true
  nullable    = false
}

variable "backup_retention_days" {
  description = "Days for which the database can be restored to any second."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "backup_retention_days must be 1 to 35."
  }
}

variable "snapshot_identifier" {
  description = "Snapshot from which the instance is created. Ignored once the instance exists."
  type        = string
  default     = null

  validation {
    condition     = var.snapshot_identifier == null || can(regex("^(arn:[^\\s]+|[A-Za-z0-9:-]{1,255})$", var.snapshot_identifier))
    error_message = "snapshot_identifier must be the name or the ARN of a snapshot."
  }
}

variable "log_retention_days" {
  description = "Retention of PostgreSQL's logs in CloudWatch, in days."
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
