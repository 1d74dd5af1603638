# Writes the bucket's name into backend.tf of the environment, so that `terraform init` needs no argument.
locals {
  directory = { dev = "development", prod = "production" }[var.environment]
  backend   = abspath("${path.module}/../environments/${local.directory}/backend.tf")
}

resource "terraform_data" "backend" {
  triggers_replace = replace(
    file(local.backend),
    "/(backend \"s3\" {\n)( +bucket .*\n)?/",
    "$${1}    bucket       = \"${module.bucket.name}\"\n"
  )

  provisioner "local-exec" {
    command     = "printf '%s' \"$TEXT\" >\"$FILE\""
    environment = { TEXT = self.triggers_replace, FILE = local.backend }
  }
}

# Another environment's state file would make Terraform replace that environment's bucket.
resource "terraform_data" "environment" {
  input = var.environment

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output == var.environment
      error_message = "This state file belongs to ${self.output}. Add: -state=${var.environment}.tfstate"
    }
  }
}
