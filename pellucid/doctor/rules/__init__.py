"""One family of rules a file; every module here is loaded when the doctor is first asked."""
