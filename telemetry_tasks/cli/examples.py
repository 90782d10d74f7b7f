"""Examples below the help of a command."""


def examples(*commands: str, closing: str = "") -> str:
    """An epilog that shows the commands, a line each."""
    lines = ["[bold]Examples[/bold]", *(f"  {command}".replace("[", "\\[") for command in commands)]
    return "\n\n".join([*lines, *([closing] if closing else [])])
