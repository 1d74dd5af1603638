variable "name" {
  description = "Name of the bucket, unique in the world: end it with the account's id."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "statements" {
  description = "Statements (JSON) for the bucket's policy, beside the one that demands TLS."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for statement in var.statements : can(jsondecode(statement).Effect)])
    error_message = "statements must be statements of a policy, each as JSON."
  }
}
