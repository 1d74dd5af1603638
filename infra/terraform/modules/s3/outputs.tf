output "bucket_name" {
  description = "Name of the bucket."
  value       = module.bucket.name
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = module.bucket.arn
}

output "access_policy" {
  description = "IAM policy (JSON) that allows listing, reading, writing and deleting objects of the bucket."
  value       = local.access_policy
}

output "access_key_id" {
  description = "Access key id of the storage user, or null without create_user. The secret key is in Secrets Manager."
  value       = one(aws_iam_access_key.storage[*].id)
}

output "user_secret_arn" {
  description = "ARN of the secret with the storage user's access key, or null without create_user."
  value       = one(aws_secretsmanager_secret.storage_user[*].arn)
}
