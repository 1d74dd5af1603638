locals {
  example = "(^|[./@])example([.](com|net|org))?([:/]|$)" # names that cannot be registered (RFC 2606)
}
