variable "name" {
  description = "Globally unique name of the bucket: end it with the account id."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "statements" {
  description = "Additional statements (JSON) of the bucket policy, which always requires TLS."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for statement in var.statements : can(jsondecode(statement).Effect)])
    error_message = "statements must be policy statements, each as JSON."
  }
}

variable "force_destroy" {
  description = "Deletes the objects with the bucket. Otherwise a bucket with objects cannot be deleted."
  type        = bool
  default     = false
  nullable    = false
}
