"""Deployment from GitHub, in two kinds of jobs.

Jobs without credentials run third-party build code and put what they build into an artifact (`bundle`, `images`). Jobs
with credentials run `python -S -m phenom.deployment`: modules of this repository, the standard library, and the AWS CLI
and Docker of the runner. They take only packages, page and images from the artifact; template, parameters and this code
come from the commit.
"""
