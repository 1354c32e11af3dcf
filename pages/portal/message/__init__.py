"""Messages: the conversation in its drawer, and the form that begins one."""
