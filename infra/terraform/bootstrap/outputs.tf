output "bucket" {
  description = "Name of the bucket."
  value       = module.bucket.name
}

output "init_command" {
  description = "Command that initializes the environment's directory."
  value       = "terraform init -backend-config=bucket=${module.bucket.name}"
}
