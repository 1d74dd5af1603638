output "bucket_name" {
  description = "Name of the bucket."
  value       = module.bucket.name
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = module.bucket.arn
}

output "access_policy" {
  description = "IAM policy (JSON) that lets a task role list, read, write and delete objects of the bucket."
  value       = local.access_policy
}

output "access_key_id" {
  description = "Access key id of the storage user, or null without one. The key itself is in Secrets Manager alone."
  value       = one(aws_iam_access_key.storage[*].id)
}

output "user_secret_arn" {
  description = "ARN of the secret that holds the storage user's access key, or null without one."
  value       = one(aws_secretsmanager_secret.storage_user[*].arn)
}
