variable "environment" {
  description = "Short name of the environment (dev, prod); part of every resource name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, such as dev or prod."
  }
}

variable "images" {
  description = <<-EOT
    Image of each use: a name in images/images.json, for the environment's own copy, or `REPOSITORY@sha256:…` for an image
    of any registry. Null stays null.
  EOT
  type        = map(string)

  validation {
    condition = alltrue([
      for image in values(var.images) :
      image == null || can(local.list[image]) || can(regex("^[^@\\s]+@sha256:[0-9a-f]{64}$", image))
    ])
    error_message = "Every image must be a name in images/images.json, REPOSITORY@sha256:<64 digits>, or null: a tag can change."
  }
}
