//! The protobuf messages of an event file.
//!
//! Names, numbers and types are those of TensorFlow's `event.proto` and `summary.proto`. Only the
//! fields that are written are declared.

use prost::{Message, Oneof};

/// The version of an event file. From version 2 on, a restart is marked by a [`SessionLog`].
pub(crate) const FILE_VERSION: &str = "brain.Event:2";

/// One record of the file.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    pub(crate) wall_time: f64,
    /// The number of optimizer updates.
    #[prost(int64, tag = "2")]
    pub(crate) step: i64,
    #[prost(oneof = "What", tags = "3, 5, 7")]
    pub(crate) what: Option<What>,
}

/// The content of an event.
#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum What {
    /// [`FILE_VERSION`], in the first event of a file.
    #[prost(string, tag = "3")]
    FileVersion(String),
    #[prost(message, tag = "5")]
    Summary(Summary),
    #[prost(message, tag = "7")]
    SessionLog(SessionLog),
}

/// The start of a session, which makes void what earlier sessions said of this step and later ones.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct SessionLog {
    #[prost(int32, tag = "1")]
    pub(crate) status: i32,
}

impl SessionLog {
    /// `SessionStatus.START`.
    pub(crate) const START: i32 = 1;
}

/// Several values of one step.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub(crate) value: Vec<Value>,
}

/// One value under its tag.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Value {
    #[prost(string, tag = "1")]
    pub(crate) tag: String,
    #[prost(message, optional, tag = "9")]
    pub(crate) metadata: Option<Metadata>,
    #[prost(oneof = "Content", tags = "2, 4")]
    pub(crate) content: Option<Content>,
}

/// A number or a picture. These fields are read by every version of TensorBoard; newer ones convert
/// them to the tensors of their plugins when they load a file.
#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Content {
    #[prost(float, tag = "2")]
    SimpleValue(f32),
    #[prost(message, tag = "4")]
    Image(Image),
}

/// `SummaryMetadata`. Without `data_class`, TensorBoard's fast loader drops the description.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Metadata {
    #[prost(message, optional, tag = "1")]
    pub(crate) plugin_data: Option<PluginData>,
    /// Markdown, which TensorBoard shows on demand.
    #[prost(string, tag = "3")]
    pub(crate) summary_description: String,
    #[prost(int32, tag = "4")]
    pub(crate) data_class: i32,
}

impl Metadata {
    /// The metadata of a picture.
    pub(crate) fn of_image(description: String) -> Self {
        const BLOB_SEQUENCE: i32 = 3;
        let plugin_data = Some(PluginData { plugin_name: "images".to_owned() });
        Self { plugin_data, summary_description: description, data_class: BLOB_SEQUENCE }
    }
}

/// The plugin of TensorBoard that shows a value.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct PluginData {
    #[prost(string, tag = "1")]
    pub(crate) plugin_name: String,
}

/// A picture.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Image {
    #[prost(int32, tag = "1")]
    pub(crate) height: i32,
    #[prost(int32, tag = "2")]
    pub(crate) width: i32,
    /// The number of channels of the decoded PNG.
    #[prost(int32, tag = "3")]
    pub(crate) colorspace: i32,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) encoded_image_string: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::record;

    fn event(step: i64, what: What) -> Event {
        Event { wall_time: 1_700_000_000.25, step, what: Some(what) }
    }

    fn value(tag: &str, content: Content, description: Option<&str>) -> Value {
        let metadata = description.map(str::to_owned).map(Metadata::of_image);
        Value { tag: tag.to_owned(), metadata, content: Some(content) }
    }

    /// The file is made by `tests/write_fixture.py`, with TensorBoard's own writer.
    #[test]
    fn records_are_those_of_tensorboards_own_writer() {
        let number = |tag, number| value(tag, Content::SimpleValue(number), None);
        let numbers = vec![number("train/loss", 0.1), number("train/accuracy", 0.0)];
        let encoded_image_string = b"\x89PNG\x00\xff".to_vec();
        let image = Image { height: 2, width: 3, colorspace: 3, encoded_image_string };
        let picture = value("attention/ñandú", Content::Image(image), Some("*él*"));
        let events = [
            event(0, What::FileVersion(FILE_VERSION.to_owned())),
            event(51, What::SessionLog(SessionLog { status: SessionLog::START })),
            event(60, What::Summary(Summary { value: numbers })),
            event(1 << 40, What::Summary(Summary { value: vec![picture] })),
        ];
        let bytes: Vec<u8> =
            events.iter().flat_map(|event| record(&event.encode_to_vec())).collect();
        assert_eq!(bytes, include_bytes!("../tests/four_events.bin"));
    }
}
