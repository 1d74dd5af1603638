# For tests/infra: without a repository there are no roles for GitHub.
locals {
  ci_subject = "repo:acme/phenom"
}
