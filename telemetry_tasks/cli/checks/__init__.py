"""What ``doctor`` looks at, one file a subject: functions that give ``Check`` values and raise nothing on purpose."""
