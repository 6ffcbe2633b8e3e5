"""
The columnar form of events between the gate, the log and the projection.

One Arrow record batch carries the events of a submission from the moment they are parsed until they
stand in the projection; nothing is turned into Python objects a second time. The batch has no
position column: a position is given by the log, as first position of the block plus row number.

| column      | type               | content                                                      |
|-------------|--------------------|--------------------------------------------------------------|
| workspace   | string             | isolation boundary                                           |
| source, id  | string             | with the workspace, the identity of the event                |
| type        | string             | CloudEvents type                                             |
| subject     | string             | resource or account key; empty: none                         |
| used_at     | timestamp[us, UTC] | when the usage happened                                      |
| received_at | timestamp[us, UTC] | when the gate took it; equals used_at if none was sent       |
| sequence    | string             | CloudEvents sequence; empty: none                            |
| data        | string             | JSON object text, numbers in plain notation                  |
"""

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")

EVENT_SCHEMA = pa.schema(
    [
        pa.field("workspace", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("used_at", INSTANT, nullable=False),
        pa.field("received_at", INSTANT, nullable=False),
        pa.field("sequence", pa.string(), nullable=False),
        pa.field("data", pa.string(), nullable=False),
    ]
)
