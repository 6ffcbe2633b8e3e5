"""The journal as files: CSV for spreadsheets, a plain-text ledger for beancount."""

from tallystick.integrations.journal_files.beancount import beancount_account, beancount_text
from tallystick.integrations.journal_files.csv_file import csv_text

__all__ = ["beancount_account", "beancount_text", "csv_text"]
