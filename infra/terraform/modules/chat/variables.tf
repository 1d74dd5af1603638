variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "images" {
  description = "Images, by digest: Synapse's (with curl and a shell) and nginx's (with a shell and a user nginx)."
  type        = object({ synapse = string, proxy = string })

  validation {
    condition     = alltrue([for image in values(var.images) : can(regex("^[^@\\s]+@\\S+$", image))])
    error_message = "images must be REPOSITORY@sha256:…: a tag can change."
  }
}

variable "server" {
  description = <<-EOT
    `name` is the part of every user's and room's id after the colon and can never change. `public_url` is where clients
    connect. `client_paths` are the path prefixes that clients need; the proxy answers 404 to all others.
  EOT
  type = object({
    name          = string
    public_url    = string
    client_paths  = optional(list(string), ["/_matrix/", "/_synapse/client/", "/.well-known/matrix/"])
    max_upload_mb = optional(number, 50)
  })

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", var.server.name)) && can(regex("^https?://[a-z0-9.:-]+/$", var.server.public_url))
    error_message = "server.name must be a lower-case host name, and server.public_url a URL that ends with its host and a slash."
  }

  validation {
    condition     = var.server.max_upload_mb >= 1 && var.server.max_upload_mb <= 100 && floor(var.server.max_upload_mb) == var.server.max_upload_mb
    error_message = "server.max_upload_mb must be a whole number from 1 to 100, which is Cloudflare's limit."
  }

  validation {
    condition = length(var.server.client_paths) > 0 && alltrue([
      for path in var.server.client_paths : (
        can(regex("^/[A-Za-z0-9._/-]+/$", path)) && !startswith("/_synapse/admin/", path) && !startswith(path, "/_synapse/admin/")
      )
    ])
    error_message = "server.client_paths must be prefixes that begin and end with a slash, none of which includes /_synapse/admin/."
  }
}

variable "database" {
  description = "Connection to Synapse's database: the output `connection` of module chat_database."
  type        = object({ host = string, port = number, name = string, user = string, secret_arn = string })

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:", var.database.secret_arn))
    error_message = "database.secret_arn must be the ARN of a secret."
  }
}

variable "sign_in" {
  description = <<-EOT
    Cognito as the only way to sign in: the pool's issuer and the id of an app client with a secret, the text on the button,
    the claim that names the user in Matrix ids, and the URLs of apps that need no confirmation page. Null: users sign in with
    passwords of Synapse, and only an operator can create them.
  EOT
  type = object({
    issuer      = string
    client_id   = string
    label       = optional(string, "Phenom")
    user_claim  = optional(string, "sub")
    client_urls = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.sign_in == null || can(regex("^https://[^\\s?#]+$", var.sign_in.issuer)) && can(regex("^[A-Za-z0-9+_]+$", var.sign_in.client_id))
    error_message = "sign_in.issuer must be an https URL, and sign_in.client_id the id of an app client."
  }

  validation {
    condition     = var.sign_in == null || can(regex("^[a-z_:]+$", var.sign_in.user_claim))
    error_message = "sign_in.user_claim must be the name of a claim, such as sub."
  }

  validation {
    condition = var.sign_in == null || alltrue([
      for url in try(var.sign_in.client_urls, []) :
      can(regex("^https://[^/\\s]+/", url)) || !startswith(url, "http") && can(regex("^[a-z][a-z0-9.+-]*:/", url))
    ])
    error_message = "sign_in.client_urls must have a slash after the host, because Synapse compares the beginning of URLs."
  }
}

variable "network" {
  description = "VPC, private subnets (at most one in each zone), and the tasks' security group, to which this module adds the way to the media."
  type        = object({ vpc_id = string, subnet_ids = list(string), security_group_id = string })

  validation {
    condition     = length(var.network.subnet_ids) > 0
    error_message = "network.subnet_ids needs at least one subnet."
  }
}

variable "ecs" {
  description = "Cluster, private DNS namespace and log group, as module ecs returns them."
  type = object({
    cluster   = object({ arn = string, name = string })
    namespace = object({ id = string, name = string })
    log_group = object({ arn = string, name = string })
  })

  validation {
    condition     = can(regex("^arn:[a-z-]+:ecs:", var.ecs.cluster.arn)) && can(regex("^arn:[a-z-]+:logs:", var.ecs.log_group.arn))
    error_message = "ecs.cluster.arn must be the ARN of a cluster, and ecs.log_group.arn of a log group."
  }
}

variable "target_group" {
  description = "Target group of the chat's load balancer. Null: Synapse is reachable inside the VPC only."
  type        = object({ arn = string, arn_suffix = string, load_balancer_arn_suffix = string })
  default     = null

  validation {
    condition     = var.target_group == null || can(regex("^arn:[a-z-]+:elasticloadbalancing:", var.target_group.arn))
    error_message = "target_group.arn must be the ARN of a target group."
  }
}

variable "size" {
  description = "CPU units and memory (MiB) of the task. Synapse uses one CPU at most."
  type        = object({ cpu = optional(number, 512), memory = optional(number, 1024) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.size.cpu <= 2048 && var.size.memory >= 1024
    error_message = "size.memory must be at least 1024, and size.cpu at most 2048, which one process cannot use up."
  }
}

variable "secret" {
  description = "Increment `generation` for new macaroon, form and registration secrets. `recovery_window_days`: deleted secrets can be restored for so long; 0 deletes them immediately."
  type        = object({ generation = optional(number, 1), recovery_window_days = optional(number, 30) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.secret.generation >= 1 && var.secret.generation == floor(var.secret.generation)
    error_message = "secret.generation must be a positive whole number."
  }

  validation {
    condition     = var.secret.recovery_window_days == 0 || (var.secret.recovery_window_days >= 7 && var.secret.recovery_window_days <= 30)
    error_message = "secret.recovery_window_days must be 0, or 7 to 30."
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
