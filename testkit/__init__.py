"""Code that tests and benchmarks share.

`samples` are small files, as bytes, for unit tests and fuzzing; `corpus` makes a large set of valid and hostile files
with ffmpeg, ImageMagick and Pillow, and the expected verdicts. `clamd` is a real clamd, `scripted_clamd` a stand-in
that follows a script. `wiring` has the environment variables of each function and imports handlers. `lambda_runtime`
runs built packages as Lambda would; `lambda_context` is the context of a call.
"""
