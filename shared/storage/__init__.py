"""What outlasts a process. One module a subject: its record and its port here, its real form in mongo/, its fake in memory/."""
