output "bucket" {
  description = "Name of the bucket."
  value       = module.bucket.name
}

output "repositories" {
  description = "URL of each image's repository, by name."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}
