"""What has to hold of objects that no schema sees, each rule a function that yields findings."""
