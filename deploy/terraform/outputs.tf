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
  description = "The instance profile for EC2 machines. Null if the role is for another service."
  value       = one(aws_iam_instance_profile.server[*].name)
}

output "policy_arn" {
  description = "The policy. Attach it to a user if servers run outside AWS and use access keys."
  value       = aws_iam_policy.server.arn
}

