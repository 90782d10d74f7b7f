"""The dates by which numbers are published, named as in the published files."""

BY_BUILD = "by-build-date"
BY_SUBMISSION = "by-submission-date"
KINDS_OF_DATE = (BY_BUILD, BY_SUBMISSION)
