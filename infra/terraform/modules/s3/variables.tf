variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "cors_allowed_origins" {
  description = "Web origins whose pages may read and write objects with pre-signed URLs."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for origin in var.cors_allowed_origins : can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$", origin))
    ])
    error_message = "cors_allowed_origins must be origins such as https://app.example.org, without a trailing slash."
  }
}

variable "noncurrent_version_days" {
  description = "Days for which replaced and deleted objects can be restored."
  type        = number
  default     = 90

  validation {
    condition     = var.noncurrent_version_days >= 1 && var.noncurrent_version_days <= 3650
    error_message = "noncurrent_version_days must be 1 to 3650."
  }
}

variable "intelligent_tiering" {
  description = "Moves objects to Intelligent-Tiering after 30 days. Saves cost for large objects that are rarely read."
  type        = bool
  default     = false
  nullable    = false
}

variable "create_user" {
  description = <<-EOT
    Creates the IAM user `phenom-<environment>-storage-user`, for a client that cannot use a role. The Terraform state then
    contains its access key, because IAM returns the key only on creation. ECS tasks use their task role instead.
  EOT
  type        = bool
  default     = false
  nullable    = false
}
