"""By which dates numbers are published. Their names are those of the published files."""

BY_BUILD = "by-build-date"
BY_SUBMISSION = "by-submission-date"
KINDS_OF_DATE = (BY_BUILD, BY_SUBMISSION)
