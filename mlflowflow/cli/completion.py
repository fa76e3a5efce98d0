"""``mlff completion``: what a shell needs to complete commands, options, runs and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import get_completion_class

if TYPE_CHECKING:
    from click.shell_completion import ShellComplete

SHELLS: Final = ("bash", "zsh", "fish")
#: The variable by which the shell asks for completions.
VARIABLE: Final = "_MLFF_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that makes Tab complete in a shell.

    \b
      eval "$(mlff completion bash)"             in ~/.bashrc
      eval "$(mlff completion zsh)"              in ~/.zshrc
      mlff completion fish | source              in ~/.config/fish/config.fish
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    kind: type[ShellComplete] | None = get_completion_class(shell)
    assert kind is not None, "click knows these shells"
    click.echo(kind(ctx.find_root().command, {}, "mlff", VARIABLE).source())
