output "settings" {
  description = "The server's settings, as environment variables."
  value = {
    ROOTCELLAR_S3_BUCKET = aws_s3_bucket.vault.bucket
    ROOTCELLAR_S3_REGION = aws_s3_bucket.vault.region
    ROOTCELLAR_S3_PREFIX = var.prefix
  }
}

output "role_arn" {
  description = "The role of the servers."
  value       = aws_iam_role.server.arn
}

output "instance_profile" {
  description = "What an EC2 machine is started with; null for another service's role."
  value       = one(aws_iam_instance_profile.server[*].name)
}

output "policy_arn" {
  description = "The policy, to attach to a user where servers run outside AWS and log in with keys."
  value       = aws_iam_policy.server.arn
}

