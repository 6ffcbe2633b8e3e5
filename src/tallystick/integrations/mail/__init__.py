"""E-mail through a mail server."""

from tallystick.integrations.mail.smtp import MailServer, SmtpPost, mail_server

__all__ = ["MailServer", "SmtpPost", "mail_server"]
