"""What stands behind the operator's commands: one module each, loaded only when that command is called."""
