"""
The command `tallystick`: its commands, and how it ends.

Commands are loaded when they are used, by name, so that a small one does not wait for the engines'
libraries. Commands that run processes of other packages (`owner`, `worker`) are added by whoever
starts the program, since the command line does not import them.
"""

import importlib.metadata
import os
import sys
from collections.abc import Mapping, Sequence

from cyclopts import App, CycloptsError, Group

from tallystick.cli.exits import DISK_FULL, Exit, disk_full, exit_code, problems_of
from tallystick.cli.output import TEXT, Output, tell_problems
from tallystick.cli.supervisor import follow_lifeline
from tallystick.kernel import Problem, TallystickError

RUN, USAGE, MONEY, CARE = (
    Group.create_ordered(name) for name in ("Run", "Usage", "Prices and invoices", "Operate")
)

COMMANDS = (
    (RUN, "up", "tallystick.cli.up:up", "Run everything on this computer."),
    (
        RUN,
        "collect",
        "tallystick.cli.collecting:collect_app",
        "Collect usage, as of this computer.",
    ),
    (USAGE, "import", "tallystick.cli.importing:import_files", "Import usage from files."),
    (USAGE, "usage", "tallystick.cli.usage:usage", "Show usage by meter and window."),
    (
        USAGE,
        "usage-metrics",
        "tallystick.cli.entitled:usage_metrics",
        "Write what an account used of its limits, where it goes, what it comes to.",
    ),
    (
        USAGE,
        "usage-report",
        "tallystick.cli.entitled:usage_report",
        "Show what an account used in some days, where it goes, and in which parts.",
    ),
    (
        MONEY,
        "billing-config",
        "tallystick.cli.entitled:billing_config",
        "Write plans, pricing rules and payment settings, without secrets.",
    ),
    (
        USAGE,
        "source",
        "tallystick.cli.sources:source_app",
        "Declare, list, pause and remove sources of usage.",
    ),
    (USAGE, "trace", "tallystick.cli.events.tracing:trace", "Show the way of one event."),
    (USAGE, "void", "tallystick.cli.correcting:void", "Void events that never happened."),
    (
        USAGE,
        "backfill",
        "tallystick.cli.backfilling:backfill_app",
        "Open, fill, preview, close and revert backfills.",
    ),
    (USAGE, "amend", "tallystick.cli.correcting:amend", "Amend events that were wrong."),
    (
        USAGE,
        "dead-letters",
        "tallystick.cli.events.dead_letters:dead_letters_app",
        "List and mend refused events.",
    ),
    (
        USAGE,
        "uncounted",
        "tallystick.cli.events.uncounted:uncounted",
        "Show events that count nothing yet.",
    ),
    (MONEY, "apply", "tallystick.cli.applying:apply", "Apply catalog files."),
    (MONEY, "diff", "tallystick.cli.applying:diff", "Show what catalog files would change."),
    (
        MONEY,
        "export",
        "tallystick.cli.exporting:export_app",
        "Export the catalog as a file; usage, billing as folders.",
    ),
    (MONEY, "rate", "tallystick.cli.rating:rate", "Rate a quantity, without a server."),
    (
        MONEY,
        "account",
        "tallystick.cli.contracts:account_app",
        "Show accounts, and say who pays for them.",
    ),
    (
        MONEY,
        "subscription",
        "tallystick.cli.contracts:subscription_app",
        "Show contracts and change them.",
    ),
    (
        MONEY,
        "entitlement",
        "tallystick.cli.entitled:entitlement_app",
        "What accounts may use, and why; grant by hand, restrict, lift.",
    ),
    (
        MONEY,
        "quota-policy",
        "tallystick.cli.entitled:quota_policy_app",
        "Write plans as quota policies: limits, overage, prices.",
    ),
    (
        MONEY,
        "plan",
        "tallystick.cli.contracts:plan_app",
        "Export plans, and migrate contracts from one to another.",
    ),
    (MONEY, "invoice", "tallystick.cli.invoices:invoice_app", "Preview, run, show invoices."),
    (
        MONEY,
        "dispute",
        "tallystick.cli.invoices:dispute_app",
        "Open and resolve disputes of documents.",
    ),
    (
        MONEY,
        "payment",
        "tallystick.cli.payments:payment_app",
        "Record and refund payments; what payers owe.",
    ),
    (
        MONEY,
        "credit",
        "tallystick.cli.credits:credit_app",
        "Give, use and void credit; see what is left.",
    ),
    (
        MONEY,
        "quota",
        "tallystick.cli.quotas:quota_app",
        "See limits and what stands against them; compare counters.",
    ),
    (
        MONEY,
        "usage-alert",
        "tallystick.cli.quotas:usage_alert_app",
        "See who is near a limit and what was told; acknowledge, resolve, export.",
    ),
    (
        MONEY,
        "alert-rule",
        "tallystick.cli.quotas:alert_rule_app",
        "Say at which values of usage somebody is told, when and how.",
    ),
    (
        MONEY,
        "anomaly",
        "tallystick.cli.quotas:anomaly_app",
        "See which usage is not as it was, and what came of it.",
    ),
    (
        MONEY,
        "delivery",
        "tallystick.cli.deliveries:delivery_app",
        "Send documents by e-mail, see what left.",
    ),
    (
        CARE,
        "trigger",
        "tallystick.cli.exchange:trigger_app",
        "Tell what happened elsewhere, and start the workflow of it.",
    ),
    (
        CARE,
        "feed",
        "tallystick.cli.exchange:feed_app",
        "What other systems are told of tenants.",
    ),
    (
        CARE,
        "webhook",
        "tallystick.cli.deliveries:webhook_app",
        "Tell other programs of what happens.",
    ),
    (
        MONEY,
        "ledger",
        "tallystick.cli.books:ledger_app",
        "Balances, statements, locked months, deferred revenue, exports.",
    ),
    (
        MONEY,
        "rates",
        "tallystick.cli.books:rates_app",
        "Import, fetch and show exchange rates.",
    ),
    (
        MONEY,
        "price-series",
        "tallystick.cli.books:price_series_app",
        "Publish prices over time, as of a spot market.",
    ),
    (MONEY, "tax", "tallystick.cli.taxes:tax_app", "Check tax numbers, ask a tax engine."),
    (MONEY, "verify", "tallystick.cli.verifying:verify_app", "Verify invoices and the audit."),
    (
        CARE,
        "workspace",
        "tallystick.cli.workspaces:workspace_app",
        "Create, list and copy workspaces, live and test.",
    ),
    (
        CARE,
        "clock",
        "tallystick.cli.workspaces:clock_app",
        "Show the clock; advance that of a test workspace.",
    ),
    (CARE, "keys", "tallystick.cli.keys:keys_app", "Make, list and revoke API keys."),
    (
        CARE,
        "retention",
        "tallystick.cli.retention:retention_app",
        "Say how long usage is kept, and hold it.",
    ),
    (
        CARE,
        "personal-data",
        "tallystick.cli.personal:personal_app",
        "Show personal data, and erase it.",
    ),
    (CARE, "doctor", "tallystick.cli.doctor:doctor", "Check this installation."),
    (CARE, "backup", "tallystick.cli.backups:backup", "Back up a data directory."),
    (
        CARE,
        "reconcile",
        "tallystick.cli.reconciling:reconcile",
        "Compare the log with what is derived from it.",
    ),
    (CARE, "rebuild", "tallystick.cli.rebuilding:rebuild", "Load ClickHouse anew."),
    (CARE, "restore", "tallystick.cli.backups:restore", "Restore a backup."),
)


def build_app(processes: Mapping[str, str] | None = None, *, chosen: str = "") -> App:
    """
    Return the command line.

    Args:
        processes: commands of other packages, name to `module:function`.
        chosen: the command that will be run; it is loaded and speaks for itself, of the others
            only a line is known.
    """
    others = (processes or {}).items()
    app = App(
        name="tallystick",
        help="Meters usage, prices it, bills it, and proves each line of the bill.",
        help_format="plaintext",
        version=_version,
    )
    listed = [
        *COMMANDS,
        *((RUN, name, path, f"Run the {name} process alone.") for name, path in others),
    ]
    for group, name, path, told in listed:
        app.command(path, name=name, group=group, help=None if name == chosen else told)
    app.command(version, name="version", group=CARE)
    return app


def main(
    arguments: Sequence[str] | None = None, *, processes: Mapping[str, str] | None = None
) -> int:
    """
    Run one command and return its exit code.

    Args:
        arguments: those of the command line, unless given.
        processes: as for `build_app`.
    """
    follow_lifeline(os.environ)
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    app = build_app(processes, chosen=tokens[0] if tokens else "")
    try:
        ended = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        problem = Problem(code="usage", message=f"{error}; see --help")
        tell_problems([problem], as_json="--json" in tokens)
        return Exit.USAGE
    except TallystickError as error:
        tell_problems(problems_of(error), as_json="--json" in tokens)
        return exit_code(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the answer has had enough of it; what is still held must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        tell_problems([disk_full(error)], as_json="--json" in tokens)
        return Exit.UNAVAILABLE
    return int(ended) if isinstance(ended, int) else Exit.OK


def version(*, output: Output = TEXT) -> None:
    """
    Show the version.

    Args:
        output: How the answer is written.
    """
    output.answer({"version": _version()}, _version())


def _version() -> str:
    return importlib.metadata.version("tallystick")
