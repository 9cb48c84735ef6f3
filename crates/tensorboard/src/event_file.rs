//! Writes an event file, record by record.
//!
//! Writes are not buffered, so that TensorBoard sees each record at once and a crash loses none. If
//! the file ends within a record, TensorBoard reads all records before it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    time::{SystemTime, UNIX_EPOCH},
};

use prost::Message;

use crate::{
    attention::Picture,
    message::{Content, Event, FILE_VERSION, Image, Metadata, SessionLog, Summary, Value, What},
    record::record,
};

/// How the name of every event file begins.
const PREFIX: &str = "events.out.tfevents.";
/// The number of channels of a picture: red, green, blue.
const RGB: i32 = 3;

/// An event file that is open for appending.
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: File,
}

/// An event file could not be created or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}", path = .path.display())]
pub struct EventFileError {
    /// The file or its directory.
    path: PathBuf,
    source: io::Error,
}

impl EventFile {
    /// Creates a new event file in `directory`, and the directory if it does not exist.
    ///
    /// The file begins a session at `first_step`. TensorBoard then discards what the older files of
    /// the directory say of this step and later ones, which a resumed run writes again.
    ///
    /// # Errors
    /// If the directory or the file cannot be created or written.
    pub fn create(directory: &Path, host: &str, first_step: usize) -> Result<Self, EventFileError> {
        let error = |source| EventFileError { path: directory.to_owned(), source };
        fs::create_dir_all(directory).map_err(error)?;
        let path = directory.join(next_name(directory, host).map_err(error)?);
        let open = OpenOptions::new().append(true).create_new(true).open(&path);
        let file = open.map_err(|source| EventFileError { path: path.clone(), source })?;
        let mut events = Self { path, file };
        events.append(0, What::FileVersion(FILE_VERSION.to_owned()))?;
        // The first file of a directory needs one too: TensorBoard takes the first session start
        // that it finds as the beginning, and only later ones as restarts.
        events.append(first_step, What::SessionLog(SessionLog { status: SessionLog::START }))?;
        Ok(events)
    }

    /// Writes numbers under their tags, in single precision, as TensorBoard stores them.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn scalars(&mut self, step: usize, scalars: &[(&str, f64)]) -> Result<(), EventFileError> {
        let value = scalars.iter().map(|&(tag, number)| Value {
            tag: tag.to_owned(),
            metadata: None,
            content: Some(Content::SimpleValue(number as f32)),
        });
        self.append(step, What::Summary(Summary { value: value.collect() }))
    }

    /// Writes a picture under its tag, with a description in Markdown.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn picture(
        &mut self,
        step: usize,
        tag: &str,
        description: &str,
        picture: &Picture,
    ) -> Result<(), EventFileError> {
        let image = Image {
            height: picture.height() as i32,
            width: picture.width() as i32,
            colorspace: RGB,
            encoded_image_string: picture.to_png(),
        };
        let value = Value {
            tag: tag.to_owned(),
            metadata: Some(Metadata::of_image(description.to_owned())),
            content: Some(Content::Image(image)),
        };
        self.append(step, What::Summary(Summary { value: vec![value] }))
    }

    /// Appends a record by a single write, so that a reader hardly ever finds half of one.
    fn append(&mut self, step: usize, what: What) -> Result<(), EventFileError> {
        let wall_time = since_1970().as_secs_f64();
        let event = Event { wall_time, step: step as i64, what: Some(what) };
        let written = self.file.write_all(&record(&event.encode_to_vec()));
        written.map_err(|source| EventFileError { path: self.path.clone(), source })
    }
}

/// The name of the next file. TensorBoard reads files in the order of their names, so that the time
/// in the name must be greater than those of all older files, even within the same second and after
/// the clock was set back.
fn next_name(directory: &Path, host: &str) -> io::Result<String> {
    let mut seconds = since_1970().as_secs();
    let mut n_files = 0;
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let time = name.to_string_lossy().strip_prefix(PREFIX).and_then(|rest| {
            rest.split('.').next().and_then(|seconds| seconds.parse::<u64>().ok())
        });
        if let Some(time) = time {
            seconds = seconds.max(time + 1);
            n_files += 1;
        }
    }
    Ok(format!("{PREFIX}{seconds}.{host}.{}.{n_files}", process::id()))
}

fn since_1970() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let names = fs::read_dir(directory).unwrap().map(name);
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The events of a file, without its checksums.
    fn events(path: &Path) -> Vec<Event> {
        let bytes = fs::read(path).unwrap();
        let mut rest = &bytes[..];
        let mut events = Vec::new();
        while let Some((length, after)) = rest.split_first_chunk() {
            let length = u64::from_le_bytes(*length) as usize;
            events.push(Event::decode(&after[4..4 + length]).unwrap());
            rest = &after[4 + length + 4..];
        }
        events
    }

    #[test]
    fn a_file_begins_with_its_version_and_a_session_at_the_first_step() {
        let directory = tempfile::tempdir().unwrap();
        let inside = directory.path().join("tensorboard");
        let before = since_1970().as_secs_f64();
        let mut file = EventFile::create(&inside, "host", 51).unwrap();
        file.scalars(60, &[("train/loss", 0.1), ("train/accuracy", 1.0)]).unwrap();
        let events = events(&file.path);
        assert_eq!(events.len(), 3);
        assert_eq!(events[0].what, Some(What::FileVersion("brain.Event:2".to_owned())));
        assert_eq!(events[1].what, Some(What::SessionLog(SessionLog { status: 1 })));
        assert_eq!((events[1].step, events[2].step), (51, 60));
        let Some(What::Summary(summary)) = &events[2].what else { panic!("{:?}", events[2]) };
        let numbers = summary.value.iter().map(|value| (value.tag.as_str(), &value.content));
        let expected = [("train/loss", 0.1), ("train/accuracy", 1.0)]
            .map(|(tag, number)| (tag, Some(Content::SimpleValue(number))));
        assert!(numbers.eq(expected.iter().map(|(tag, content)| (*tag, content))));
        let times = events.iter().map(|event| event.wall_time);
        assert!(times.clone().is_sorted() && times.clone().all(|time| time >= before));
    }

    #[test]
    fn a_later_file_has_a_later_name_whatever_the_clock_says() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        fs::write(path.join("notes.txt"), "").unwrap();
        EventFile::create(path, "host", 0).unwrap();
        let first = names(path).remove(0);
        let id = process::id();
        assert!(first.ends_with(&format!(".host.{id}.0")), "{first}");
        let seconds: u64 = first[PREFIX.len()..][..10].parse().unwrap();
        assert!(since_1970().as_secs() - seconds < 60);

        fs::write(path.join("events.out.tfevents.9999999990.other.7.1.v2"), "").unwrap();
        EventFile::create(path, "host", 0).unwrap();
        EventFile::create(path, "host", 0).unwrap();
        let [.., second, third, _] = &names(path)[..] else { panic!() };
        assert_eq!(*second, format!("events.out.tfevents.9999999991.host.{id}.2"));
        assert_eq!(*third, format!("events.out.tfevents.9999999992.host.{id}.3"));
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let taken = directory.path().join("tensorboard");
        fs::write(&taken, "").unwrap();
        let error = EventFile::create(&taken, "host", 0).unwrap_err();
        assert!(error.to_string().contains(taken.to_str().unwrap()), "{error}");
        assert_eq!(error.path, taken);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_with_the_path() {
        let path = PathBuf::from("/dev/full");
        let file = OpenOptions::new().append(true).open(&path).unwrap();
        let error = EventFile { path, file }.scalars(1, &[("train/loss", 0.1)]).unwrap_err();
        assert!(error.to_string().contains("/dev/full"), "{error}");
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
    }
}
