"""Writes four events as TensorBoard's own writer does; `src/message.rs` compares them byte by byte.

    pip install tensorboard==2.21.0
    python crates/tensorboard/tests/write_fixture.py crates/tensorboard/tests/four_events.bin
"""

import sys

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import (
    DATA_CLASS_BLOB_SEQUENCE,
    Summary,
    SummaryMetadata,
)
from tensorboard.summary.writer.record_writer import RecordWriter

WALL_TIME = 1_700_000_000.25
IMAGE = Summary.Image(height=2, width=3, colorspace=3, encoded_image_string=b"\x89PNG\x00\xff")

EVENTS = [
    Event(wall_time=WALL_TIME, file_version="brain.Event:2"),
    Event(wall_time=WALL_TIME, step=51, session_log=SessionLog(status=SessionLog.START)),
    Event(
        wall_time=WALL_TIME,
        step=60,
        summary=Summary(
            value=[
                Summary.Value(tag="train/loss", simple_value=0.1),
                Summary.Value(tag="train/accuracy", simple_value=0.0),
            ]
        ),
    ),
    Event(
        wall_time=WALL_TIME,
        step=2**40,
        summary=Summary(
            value=[
                Summary.Value(
                    tag="attention/ñandú",
                    image=IMAGE,
                    metadata=SummaryMetadata(
                        plugin_data=SummaryMetadata.PluginData(plugin_name="images"),
                        summary_description="*él*",
                        data_class=DATA_CLASS_BLOB_SEQUENCE,
                    ),
                )
            ]
        ),
    ),
]

with open(sys.argv[1], "wb") as file:
    writer = RecordWriter(file)
    for event in EVENTS:
        writer.write(event.SerializeToString(deterministic=True))
