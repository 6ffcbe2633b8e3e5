"""The way out that is always there: a line in the log for each effect."""

from dataclasses import dataclass

from tallystick.app.outbox import Message
from tallystick.kernel import Done, Outcome
from tallystick.worker.repeat import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDelivery:
    """Delivers a message by writing that it happened; its payload stays in the outbox."""

    say: Say

    def deliver(self, message: Message) -> Outcome[None]:
        fields: dict[str, object] = {
            "workspace": message.workspace,
            "id": message.id,
            "topic": message.topic,
            "trace_id": message.trace_id,
        }
        self.say("effect", fields)
        return Done(None)
