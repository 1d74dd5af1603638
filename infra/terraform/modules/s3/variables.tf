variable "environment" {
  description = "Part of every name, so that environments never meet."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "cors_allowed_origins" {
  description = "Web origins whose pages may read and write objects by pre-signed URL. Empty for none."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for origin in var.cors_allowed_origins : can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$", origin))
    ])
    error_message = "cors_allowed_origins must be origins such as https://app.example.org, without a slash at the end."
  }
}

variable "noncurrent_version_days" {
  description = "How long replaced and deleted objects can be brought back."
  type        = number
  default     = 90

  validation {
    condition     = var.noncurrent_version_days >= 1 && var.noncurrent_version_days <= 3650
    error_message = "noncurrent_version_days must be 1 to 3650."
  }
}

variable "intelligent_tiering" {
  description = "Whether objects move to Intelligent-Tiering after 30 days. It pays for large objects that few ask for."
  type        = bool
  default     = false
  nullable    = false
}

variable "create_user" {
  description = <<-EOT
    Whether to make the IAM user phenom-<environment>-storage-user, for a client that can have no role. Its access key then
    lies in the state, since IAM gives it only to whoever creates it; ECS tasks use their task role instead.
  EOT
  type        = bool
  default     = false
  nullable    = false
}
