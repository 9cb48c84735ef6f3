//! A text that is being written: pieces in, characters and spans out.
//!
//! Pieces are words and marks. The writer puts spaces between words, capitals at the beginning of
//! sentences, contracts *a el* to *al*, and turns *y* into *e* before *i*.

use super::english_words::takes_an;
use crate::example::Language;
use crate::span::CharSpan;

/// A word of a text, or the edge of something in it.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Word(String),
    /// *a* or *an*, by the next word.
    Indefinite,
    /// The beginning and the end of the head or name of a referent.
    Head(usize),
    HeadEnd(usize),
    /// The beginning and the end of its whole phrase.
    Phrase(usize),
    PhraseEnd(usize),
    /// The beginning and the end of an anaphor.
    Anaphor(usize),
    AnaphorEnd(usize),
    /// The beginning and the end of words that are written as they stand in a list, in which not every
    /// anaphor is marked.
    Unclear,
    UnclearEnd,
}

impl Piece {
    pub(super) fn word(text: impl Into<String>) -> Self {
        Self::Word(text.into())
    }
}

/// Words, by spaces.
pub(super) fn words(text: &str) -> impl Iterator<Item = Piece> + '_ {
    text.split(' ').filter(|word| !word.is_empty()).map(Piece::word)
}

/// What is marked in a finished text.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) heads: Vec<(usize, CharSpan)>,
    pub(super) phrases: Vec<(usize, CharSpan)>,
    pub(super) anaphors: Vec<(usize, CharSpan)>,
    pub(super) unclear: Vec<CharSpan>,
}

/// Writes pieces.
pub(super) fn write(language: Language, pieces: &[Piece]) -> (String, Marks) {
    let mut writer = Writer {
        language,
        text: String::new(),
        n_chars: 0,
        begins_sentence: true,
        waiting: Vec::new(),
        open: Vec::new(),
        marks: Marks::default(),
    };
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Word(word) => writer.word(word, next_word(&pieces[at + 1..])),
            Piece::Indefinite => {
                let next = next_word(&pieces[at + 1..]).unwrap_or_default();
                writer.word(if takes_an(next) { "an" } else { "a" }, None);
            }
            Piece::Head(id) => writer.waiting.push((Kind::Head, *id)),
            Piece::Phrase(id) => writer.waiting.push((Kind::Phrase, *id)),
            Piece::Anaphor(id) => writer.waiting.push((Kind::Anaphor, *id)),
            Piece::Unclear => writer.waiting.push((Kind::Unclear, 0)),
            Piece::UnclearEnd => writer.close(Kind::Unclear, 0),
            Piece::HeadEnd(id) => writer.close(Kind::Head, *id),
            Piece::PhraseEnd(id) => writer.close(Kind::Phrase, *id),
            Piece::AnaphorEnd(id) => writer.close(Kind::Anaphor, *id),
        }
    }
    (writer.text, writer.marks)
}

fn next_word(pieces: &[Piece]) -> Option<&str> {
    pieces.iter().find_map(|piece| match piece {
        Piece::Word(word) => Some(word.as_str()),
        _ => None,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Head,
    Phrase,
    Anaphor,
    Unclear,
}

struct Writer {
    language: Language,
    text: String,
    n_chars: usize,
    begins_sentence: bool,
    /// Marks that begin at the next word.
    waiting: Vec<(Kind, usize)>,
    open: Vec<(Kind, usize, usize)>,
    marks: Marks,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.n_chars += text.chars().count();
    }

    fn word(&mut self, word: &str, next: Option<&str>) {
        // Of an attached pronoun, the verb before it: *dár{se}*.
        let is_suffix = word.starts_with('+');
        let word = word.trim_start_matches('+');
        if self.language == Language::Es && word == "el" && self.contracts() {
            self.push("l");
            return;
        }
        let word = match (self.language, word) {
            (Language::Es, "y") if next.is_some_and(sounds_like_i) => "e",
            (Language::Es, "o")
                if next.is_some_and(|n| {
                    n.to_lowercase().starts_with('o') || n.to_lowercase().starts_with("ho")
                }) =>
            {
                "u"
            }
            (_, word) => word,
        };
        let is_punctuation = word.chars().all(|c| ".,;:!?…»”)".contains(c));
        let glued = is_suffix
            || is_punctuation
            || self.text.is_empty()
            || self.text.ends_with(['«', '“', '¿', '¡', '(', '—']);
        if !glued {
            self.push(" ");
        }
        let start = self.n_chars;
        self.open.extend(self.waiting.drain(..).map(|(kind, id)| (kind, id, start)));
        let opens = word.chars().all(|c| "«“¿¡(—".contains(c));
        if self.begins_sentence && !is_punctuation && !opens {
            let mut chars = word.chars();
            let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
            self.push(&first);
            self.push(chars.as_str());
            self.begins_sentence = false;
        } else {
            self.push(word);
        }
        if word.ends_with(['.', '!', '?', '…']) || matches!(word, "«" | "“") {
            self.begins_sentence = true;
        }
    }

    /// Whether the last word is *a* or *de*, which becomes one with *el*.
    fn contracts(&self) -> bool {
        let last = self.text.rsplit(' ').next().unwrap_or_default();
        matches!(last, "a" | "de" | "A" | "De")
    }

    fn close(&mut self, kind: Kind, id: usize) {
        if let Some(at) = self.open.iter().rposition(|open| (open.0, open.1) == (kind, id)) {
            let (_, _, start) = self.open.remove(at);
            let span = CharSpan::new(start, self.n_chars);
            match kind {
                Kind::Head => self.marks.heads.push((id, span)),
                Kind::Phrase => self.marks.phrases.push((id, span)),
                Kind::Anaphor => self.marks.anaphors.push((id, span)),
                Kind::Unclear => self.marks.unclear.push(span),
            }
        }
    }
}

/// Whether *y* before the word becomes *e*.
fn sounds_like_i(word: &str) -> bool {
    let word = word.to_lowercase();
    let word = word.strip_prefix('h').unwrap_or(&word);
    let mut chars = word.chars();
    matches!(chars.next(), Some('i' | 'í')) && !chars.next().is_some_and(|c| "aeoáéó".contains(c))
}
