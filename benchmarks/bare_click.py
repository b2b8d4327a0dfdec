"""The least that a click program is: what the start of ours is compared with."""

import click


@click.command()
@click.option("--name", default="you", help="Whom to greet.")
@click.version_option("1.0", prog_name="bare")
def main(name: str) -> None:
    """Greet."""
    click.echo(f"hello {name}")


if __name__ == "__main__":
    main()
