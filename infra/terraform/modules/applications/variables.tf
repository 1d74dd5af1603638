variable "images" {
  description = "Container image of each service, by digest. Null leaves the service out."
  type = object({
    graphql   = string
    auth      = optional(string)
    storage   = optional(string)
    functions = optional(string)
  })

  validation {
    condition = var.images.graphql != null && alltrue([
      for image in compact(values(var.images)) : can(regex("^[^@\\s]+@\\S+$", image))
    ])
    error_message = "Every image must be REPOSITORY@sha256:… (a tag can change), and graphql cannot be left out."
  }
}

variable "public_url" {
  description = "Public URL of the load balancer, without a trailing slash."
  type        = string

  validation {
    condition     = can(regex("^https?://[^/\\s]+$", var.public_url))
    error_message = "public_url must be https://host (or http://host), without a path."
  }
}

variable "internal_graphql_host" {
  description = "DNS name of the graphql service inside the VPC."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9.-]+$", var.internal_graphql_host))
    error_message = "internal_graphql_host must be a host name."
  }
}

variable "cognito" {
  description = "Issuer of the user pool's tokens, and the app client id that is their audience."
  type        = object({ issuer = string, client_id = string })

  validation {
    condition     = startswith(var.cognito.issuer, "https://")
    error_message = "cognito.issuer must be the https URL in the `iss` claim of the pool's tokens."
  }
}

variable "app_secret_arn" {
  description = "Full ARN of the app secret."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:", var.app_secret_arn))
    error_message = "app_secret_arn must be the ARN of a secret."
  }
}

variable "auth_smtp" {
  description = <<-EOT
    Mail server of the auth service, null for no e-mail: host, port (465: TLS; 587: STARTTLS if the server offers it), sender
    address, and the ARN of a secret with the JSON keys `username` and `password`.
  EOT
  type        = object({ host = string, sender = string, secret_arn = string, port = optional(number, 465) })
  default     = null

  validation {
    condition = var.auth_smtp == null || try(
      can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.auth_smtp.host)) && can(regex("^[^@\\s]+@[^@\\s]+$", var.auth_smtp.sender)), false
    )
    error_message = "auth_smtp.host must be a host name and auth_smtp.sender an e-mail address."
  }

  validation {
    condition     = var.auth_smtp == null || try(contains([465, 587, 2465, 2587], var.auth_smtp.port), false)
    error_message = "auth_smtp.port must be 465, 587, 2465 or 2587: AWS blocks port 25."
  }

  validation {
    condition     = var.auth_smtp == null || can(regex("^arn:[a-z-]+:secretsmanager:[^:]+:[^:]+:secret:[^:]+$", var.auth_smtp.secret_arn))
    error_message = "auth_smtp.secret_arn must be the full ARN of a secret with the keys username and password."
  }
}

variable "storage" {
  description = "Bucket of the storage service, its region, and the IAM policy (JSON) for the task role."
  type        = object({ bucket = string, region = string, access_policy = string })

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.storage.region))
    error_message = "storage.region must be a region such as us-east-1."
  }
}
