"""What outlasts a process. One module a subject: record and port here, the real form in mongo/, the fake in memory/."""
