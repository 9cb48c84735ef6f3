//! Properties of every parser of files and requests: arbitrary bytes are refused, or what was read
//! of them is consistent.
//!
//! Each function panics if its property does not hold. The fuzzer calls them with its own bytes,
//! and `cargo test` with the seeds (`crates/cli/tests/seeds.rs`).

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use config::overrides;
use corpus::example::Language;
use corpus::generator::Generator;
use corpus::grammar::Grammar;
use corpus::jsonl::{self, validate};
use corpus::split::Split;
use corpus::tokenizer::{Encoding, Tokenizer};
use corpus::variants::variants;
use explorer::contract::request::{
    ActivationsRequest, Body, MAX_BODY_BYTES, ReadRequest, SearchRequest, SnapshotRequest,
    VariantsRequest, VectorsRequest,
};
use explorer::http::{RequestError, Requests};
use explorer::origin;
use run::checkpoint::{Checkpoint, Checkpoints};
use run::directory::Run;
use run::manifest::Manifest;
use run::metrics::MetricsFile;
use run::overview::overviews;
use run::provenance::Provenance;
use run::temperature::Temperature;

/// The path that is given to the parsers. Error messages have to contain it.
const NAME: &str = "FILE";

/// A manifest that contains this has a checksum of itself.
const SECOND: &[u8] = b"\"version\": 2";

/// Texts that are hard to split into words: combining marks, joiners, both writing directions, no
/// letters.
const TEXTS: [&str; 6] = [
    "El robot dejó caer la pelota porque él estaba dañado.",
    "Tom didn't come to work: [SEP] he was ##sick …",
    "e\u{301}l \u{301}x 👩🏽‍🚀 ❤️ \u{202e}אבג\u{202c} \u{feff}\0\r\u{200b}",
    "İstanbul ﬁn ΣΑΣ \u{1112}\u{1161}\u{11ab} क\u{93c}",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "",
];

/// A file of examples: each is valid, all spans are within the text, and they are the same after
/// being written and read again.
pub fn jsonl(bytes: &[u8]) {
    let examples = match jsonl::read_from(bytes, Path::new(NAME)) {
        Ok(examples) => examples,
        Err(error) => return refused(error),
    };
    for example in &examples {
        validate(example).expect("a file is checked when it is read");
        for span in example.candidates.iter().chain([&example.pronoun]) {
            span.slice(&example.text).expect("a span lies within its text");
        }
    }
    let mut written = Vec::new();
    jsonl::write_to(&mut written, &examples).expect("memory takes what is written");
    if written.split(|&byte| byte == b'\n').all(|line| line.len() <= jsonl::MAX_LINE_BYTES) {
        let again = jsonl::read_from(&written[..], Path::new(NAME));
        assert_eq!(again.expect("what was written is read"), examples);
    }
}

/// A grammar file: the examples that it generates are valid.
pub fn grammar(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let grammar = match Grammar::parse(Language::Es, text, Path::new(NAME)) {
        Ok(grammar) => grammar,
        Err(error) => return refused(error),
    };
    if let Ok(generator) = Generator::new(grammar, &[Language::Es], 1, Split::Train) {
        for example in generator.examples(0).take(20) {
            validate(&example).expect("a generator makes valid examples");
        }
    }
}

/// A `tokenizer.json`: it encodes difficult texts, and is the same after being written and read
/// again.
pub fn tokenizer(bytes: &[u8]) {
    let tokenizer = match Tokenizer::parse(bytes) {
        Ok(tokenizer) => tokenizer,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    for text in TEXTS {
        covers(&tokenizer.encode(text), text);
    }
    let written = tokenizer.to_json();
    let again = Tokenizer::parse(written.as_bytes()).expect("what was written is read");
    assert_eq!(again.to_json(), written);
}

/// Checks that words and tokens cover all characters but white space, in order and without overlap.
fn covers(encoding: &Encoding, text: &str) {
    let mut covered: Vec<bool> = text.chars().map(char::is_whitespace).collect();
    for word in &encoding.words {
        let mut end = word.span.start;
        for token in &encoding.tokens[word.tokens.clone()] {
            let span = token.span.expect("a piece of a word has a span");
            assert_eq!(span.start, end, "{text:?}");
            span.slice(text).expect("a span lies within its text");
            end = span.end;
        }
        assert_eq!(end, word.span.end, "{text:?}");
        covered[word.span.start..word.span.end].fill(true);
    }
    assert!(covered.into_iter().all(|is_covered| is_covered), "{text:?}");
}

/// A config file, followed by overrides as for `--set`, separated by NULs: if it is accepted, the
/// resolved config that a run keeps is accepted too, and equal.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut parts = text.split('\0').map(str::to_owned);
    let text = parts.next().unwrap_or_default();
    let overrides: Vec<String> = parts.collect();
    match overrides::resolve(NAME, &text, &overrides) {
        Ok(resolved) => {
            let again = overrides::resolve(NAME, &resolved.text, &[]);
            assert_eq!(again.expect("a resolved config is a config").config, resolved.config);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The manifest of a checkpoint: from version 2 on, a change of any byte is noticed.
pub fn manifest(bytes: &[u8]) {
    let path = Path::new(NAME);
    if let Err(error) = Manifest::parse(path, bytes) {
        return refused(error);
    }
    if !bytes.windows(SECOND.len()).any(|window| window == SECOND) {
        return;
    }
    for position in 0..bytes.len() {
        let mut changed = bytes.to_vec();
        changed[position] ^= 1;
        Manifest::parse(path, &changed).expect_err("a changed byte is noticed");
    }
}

/// What may lie in a directory of runs: the files of a run, of a run that is being written or was replaced,
/// files in the place of folders, and folders in the place of files.
const FILES: [&str; 16] = [
    "run-001/config.toml",
    "run-001/run.json",
    "run-001/temperature.json",
    "run-001/metrics.jsonl",
    "run-001/tokenizer.json",
    "run-001/lock",
    "run-001/checkpoints/step-00000001/optimizer.bpk",
    "run-001/checkpoints/step-00000002/MANIFEST.json",
    "run-001/checkpoints/step-00000001/MANIFEST.json",
    "run-001/checkpoints/step-00000001/state.json",
    "run-001/checkpoints/step-00000001/model.bpk",
    "run-001/checkpoints",
    "run-001/metrics.jsonl/x",
    ".run-002.1.partial/config.toml",
    ".run-001.old/config.toml",
    "run-x/config.toml",
];

/// Files of runs, each behind a NUL and a byte that says which of [`FILES`] it is: whatever lists, opens
/// or continues a run refuses it with its path, or reads it.
pub fn run_directory(bytes: &[u8]) {
    let directory = tempfile::tempdir().expect("there is a directory for temporary files");
    for part in bytes.split(|&byte| byte == 0) {
        let Some((&name, content)) = part.split_first() else { continue };
        let path = directory.path().join(FILES[usize::from(name) % FILES.len()]);
        // A file in the place of a folder, or the other way round, is left as it came first.
        if fs::create_dir_all(path.parent().expect("a file lies in a folder")).is_ok() {
            let _ = fs::write(path, content);
        }
    }
    for overview in overviews(directory.path()).expect("the directory exists") {
        assert!(!overview.name.is_empty());
    }
    let named = |error: &(dyn std::error::Error + 'static)| {
        let message = files::message::message(error, |_| None);
        assert!(message.contains(&*directory.path().to_string_lossy()), "{message}");
    };
    if let Err(error) = Run::newest(directory.path()) {
        named(&error);
    }
    let path = directory.path().join("run-001");
    let run = match Run::open(&path) {
        Ok(run) => run,
        Err(error) => return named(&error),
    };
    if let Err(error) = Provenance::read(&path) {
        named(&error);
    }
    if let Err(error) = Temperature::read(&path) {
        named(&error);
    }
    let checkpoints = Checkpoints::new(run.checkpoints());
    for name in ["last", "best", "step-00000001"] {
        // Not by `Checkpoints::read`, which waits for a program that may be writing.
        let read = checkpoints.resolve(name).and_then(|directory| Checkpoint::read(&directory));
        if let Err(error) = read {
            named(&error);
        }
    }
    if let Err(error) = MetricsFile::open(&run.metrics(), 1) {
        named(&error);
    }
}

/// A snapshot file: all its indices are within their lists.
pub fn snapshot(bytes: &[u8]) {
    let snapshot = match snapshot::file::parse(bytes, Path::new(NAME)) {
        Ok(snapshot) => snapshot,
        Err(error) => return refused(error),
    };
    for probe in &snapshot.probes {
        assert!(probe.pronoun_token < probe.tokens.len());
        assert_eq!(probe.probabilities.len(), probe.words.len() + 1);
        for layer in &probe.layers {
            for head in 0..layer.heads {
                assert_eq!(layer.row(head, probe.pronoun_token).len(), probe.tokens.len());
            }
        }
    }
}

/// The bytes that a client sends to the explorer: each request is within the limits, its body is
/// read or refused as each kind of request, and the spans of the variants of its text are within
/// them.
pub fn request(bytes: &[u8]) {
    let mut requests = Requests::new(Connection(bytes), MAX_BODY_BYTES);
    loop {
        let request = match requests.next_request() {
            Ok(request) => request,
            Err(RequestError::Closed | RequestError::Io(_)) => return,
            Err(RequestError::Refused(failure)) => return assert!(!failure.message.is_empty()),
        };
        assert!(request.body.len() <= MAX_BODY_BYTES && !request.path.contains('?'));
        let _ = origin::check(&request, "127.0.0.1");
        let _ = ReadRequest::parse(&request.body);
        let _ = VectorsRequest::parse(&request.body);
        let _ = ActivationsRequest::parse(&request.body);
        let _ = SnapshotRequest::parse(&request.body);
        let _ = SearchRequest::parse(&request.body);
        if let Ok(VariantsRequest { text, pronoun }) = VariantsRequest::parse(&request.body) {
            for variant in variants(&text, pronoun) {
                variant.pronoun.slice(&variant.text).expect("the pronoun is in the text");
                for span in variant.changed {
                    span.slice(&variant.text).expect("what is changed is in the text");
                }
            }
        }
    }
}

/// A connection from which these bytes can be read, and to which anything can be written.
struct Connection<'b>(&'b [u8]);

impl Read for Connection<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Connection<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Checks that an error names the file.
fn refused(error: impl std::error::Error) {
    assert!(error.to_string().contains(NAME), "{error}");
}
