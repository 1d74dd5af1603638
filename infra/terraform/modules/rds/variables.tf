variable "environment" {
  description = "Part of every name, so that environments never meet."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "network" {
  description = "Database subnets, in two zones at least, and the security group of the database."
  type        = object({ subnet_ids = list(string), security_group_id = string })

  validation {
    condition     = length(var.network.subnet_ids) >= 2 && length(var.network.security_group_id) > 0
    error_message = "network needs subnets in two zones, and a security group."
  }
}

variable "names" {
  description = "Database and master user. A database that is imported, or made from a snapshot, keeps those that it has."
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
    PostgreSQL version, exact: an upgrade is a decision. A new major version needs `allow_major_upgrade`. `apply_at_once` does
    what needs a restart now, not in the next maintenance window.
  EOT
  type = object({
    version             = optional(string, "17.4")
    allow_major_upgrade = optional(bool, false)
    apply_at_once       = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^1[4-9]\\.[0-9]+$", var.engine.version))
    error_message = "engine.version must be a PostgreSQL version such as 17.4."
  }
}

variable "instance_class" {
  description = "Size of the instance."
  type        = string
  default     = "db.m5.large"

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be an RDS class such as db.m5.large."
  }
}

variable "storage_gb" {
  description = "Storage in GB: what there is at first, and how far it grows by itself."
  type        = object({ initial = optional(number, 20), maximum = optional(number, 100) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.storage_gb.initial >= 20 && var.storage_gb.maximum >= var.storage_gb.initial * 1.1
    error_message = "storage_gb.initial must be 20 or more, and maximum at least a tenth above it."
  }
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over when the instance or its zone fails."
  type        = bool
  default     = false
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether RDS refuses to delete the instance."
  type        = bool
  default     = true
  nullable    = false
}

variable "backup_retention_days" {
  description = "How far back the database can be restored to any second."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "backup_retention_days must be 1 to 35."
  }
}

variable "snapshot_identifier" {
  description = "Snapshot that the instance is made from. Only its creation looks at it."
  type        = string
  default     = null

  validation {
    condition     = var.snapshot_identifier == null || can(regex("^(arn:[^\\s]+|[A-Za-z0-9:-]{1,255})$", var.snapshot_identifier))
    error_message = "snapshot_identifier must be the name or the ARN of a snapshot."
  }
}

variable "log_retention_days" {
  description = "How long PostgreSQL's logs are kept in CloudWatch."
  type        = number
  default     = 30

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days
    )
    error_message = "log_retention_days must be a number that CloudWatch Logs knows, such as 7, 30 or 365."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that hears of alarms."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:sns:", var.alarm_topic_arn))
    error_message = "alarm_topic_arn must be the ARN of an SNS topic."
  }
}
