//! Any text can be encoded; every token has the right span, and the ids are those of Hugging Face's
//! library.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anafora_corpus::span::CharSpan;
use anafora_corpus::tokenizer::{CONTINUATION, Encoding, Token, Tokenizer, TokenizerError, UNK};
use anafora_corpus::tokenizer_file::FormatError;
use anafora_corpus::word;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const TEXTS: [&str; 8] = [
    "El robot dejó caer la pelota porque él estaba dañado.",
    "Tom didn't come to work today because he was sick.",
    "Ana llamó a Luis porque ella estaba enferma.",
    "The cat chased the mice until they hid.",
    "¿Quién dañó los robots? ¡Nadie!",
    "La pelota cayó; el robot, no.",
    "한국어 слово 🤖 क़लम",
    "dejó dejaba dejaron robots robótica",
];

fn tokenizer() -> Tokenizer {
    Tokenizer::train(TEXTS, 600).unwrap()
}

fn tokens<'t>(tokenizer: &'t Tokenizer, text: &str) -> Vec<&'t str> {
    tokenizer.encode(text).ids.iter().map(|&id| tokenizer.token(id).unwrap()).collect()
}

/// Checks all properties that hold for any text.
fn check(text: &str) {
    static OURS: LazyLock<Tokenizer> = LazyLock::new(tokenizer);
    static LIBRARY: LazyLock<tokenizers::Tokenizer> = LazyLock::new(|| {
        let mut library: tokenizers::Tokenizer = OURS.to_json().parse().unwrap();
        library.set_encode_special_tokens(true);
        library
    });
    let encoding = OURS.encode(text);
    check_words(&encoding, text);
    check_tokens(&OURS, &encoding, text);
    check_library(&LIBRARY, &encoding, text);
    let mut generator = ChaCha8Rng::seed_from_u64(7);
    assert_eq!(OURS.encode_regularised(text, 0.0, &mut generator), encoding);
    let regularised = OURS.encode_regularised(text, 1.0, &mut generator);
    check_words(&regularised, text);
    check_tokens(&OURS, &regularised, text);
    let spans =
        |encoding: &Encoding| encoding.words.iter().map(|word| word.span).collect::<Vec<_>>();
    assert_eq!(spans(&regularised), spans(&encoding), "{text:?}");
}

fn check_words(encoding: &Encoding, text: &str) {
    let mut covered = vec![false; text.chars().count()];
    let (mut end, mut next_token) = (0, 1);
    for word in &encoding.words {
        assert!(word.span.start >= end && word.span.start < word.span.end, "{text:?}");
        assert_eq!(word.tokens.start, next_token, "{text:?}");
        assert!(!word.tokens.is_empty(), "{text:?}");
        covered[word.span.start..word.span.end].fill(true);
        (end, next_token) = (word.span.end, word.tokens.end);
    }
    assert_eq!(next_token + 1, encoding.ids.len(), "{text:?}");
    for (c, covered) in text.chars().zip(covered) {
        assert_eq!(covered, !c.is_whitespace(), "{c:?} of {text:?}");
    }
}

fn check_tokens(tokenizer: &Tokenizer, encoding: &Encoding, text: &str) {
    assert_eq!(encoding.ids.len(), encoding.tokens.len());
    for (word_idx, word) in encoding.words.iter().enumerate() {
        let mut end = word.span.start;
        for token_idx in word.tokens.clone() {
            let Token { span: Some(span), word } = encoding.tokens[token_idx] else {
                panic!("token {token_idx} of {text:?} has no span");
            };
            assert_eq!((span.start, word), (end, Some(word_idx)), "{text:?}");
            end = span.end;
            let written = word::normalise(span.slice(text).unwrap());
            let token = tokenizer.token(encoding.ids[token_idx]).unwrap();
            if encoding.ids[token_idx] != UNK {
                let is_first = token_idx == encoding.words[word_idx].tokens.start;
                let prefix = if is_first { "" } else { CONTINUATION };
                assert_eq!(token, format!("{prefix}{written}"), "{text:?}");
            }
        }
        assert_eq!(end, word.span.end, "{text:?}");
    }
}

/// The ids are those of Hugging Face's whole pipeline.
fn check_library(library: &tokenizers::Tokenizer, encoding: &Encoding, text: &str) {
    let expected = library.encode(text, true).unwrap();
    assert_eq!(encoding.ids, expected.get_ids(), "{text:?}");
}

/// The error about the file of `tokenizer` after a change.
fn refusal(tokenizer: &Tokenizer, change: impl FnOnce(&mut serde_json::Value)) -> FormatError {
    let mut json = serde_json::from_str(&tokenizer.to_json()).unwrap();
    change(&mut json);
    Tokenizer::parse(json.to_string().as_bytes()).unwrap_err()
}

#[test]
fn a_text_is_its_words_between_cls_and_sep() {
    let tokenizer = tokenizer();
    let found = tokens(&tokenizer, "Él estaba dañado.");
    assert_eq!(found, ["[CLS]", "él", "estaba", "dañado", ".", "[SEP]"]);
    let found = tokens(&tokenizer, "didn't");
    assert_eq!(found, ["[CLS]", "didn't", "[SEP]"]);
    assert_eq!(tokens(&tokenizer, ""), ["[CLS]", "[SEP]"]);
}

#[test]
fn a_composed_and_a_decomposed_accent_are_equal_and_no_accent_is_another_word() {
    let tokenizer = tokenizer();
    assert_eq!(tokenizer.encode("él").ids, tokenizer.encode("E\u{301}L").ids);
    assert_ne!(tokenizer.encode("él").ids, tokenizer.encode("el").ids);
}

#[test]
fn an_unseen_word_in_spanish_or_english_letters_is_spelled_out() {
    let tokenizer = tokenizer();
    for word in ["pingüino", "ÑANDÚ", "Zoë", "jukeboxes", "o’clock's", "naïve", "x2", "«¡¿…€"]
    {
        assert!(!tokenizer.encode(word).ids.contains(&UNK), "{word}");
    }
    assert_eq!(tokens(&tokenizer, "日本 robot"), ["[CLS]", "[UNK]", "robot", "[SEP]"]);
}

#[test]
fn subword_regularisation_splits_a_share_of_the_words_at_any_character() {
    let tokenizer = tokenizer();
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut n_split = 0;
    let mut first_tokens = HashSet::new();
    for _ in 0..400 {
        let encoding = tokenizer.encode_regularised("robots", 0.25, &mut generator);
        let tokens: Vec<&str> = (encoding.ids[1..encoding.ids.len() - 1].iter())
            .map(|&id| tokenizer.token(id).unwrap())
            .collect();
        let plain = |token: &&str| token.strip_prefix(CONTINUATION).unwrap_or(token).to_owned();
        assert_eq!(tokens.iter().map(plain).collect::<String>(), "robots");
        if tokenizer.encode("robots") != encoding {
            n_split += 1;
            first_tokens.insert(tokens[0]);
        }
    }
    assert!((70..130).contains(&n_split), "{n_split} of 400");
    // A word of six letters can be split at five places; two of them may give the same first token.
    assert!(first_tokens.len() >= 4, "{first_tokens:?}");
}

#[test]
fn special_tokens_cannot_be_written() {
    let tokenizer = tokenizer();
    let found = tokens(&tokenizer, "[SEP]");
    assert_eq!((found[1], *found.last().unwrap()), ("[", "[SEP]"));
    assert_eq!(tokenizer.encode("[SEP] [PAD][UNK]").words.len(), 9);
    check("a [SEP] [PAD][UNK] b");
}

#[test]
fn a_span_finds_the_words_that_it_touches() {
    let encoding = tokenizer().encode("La pelota cayó.");
    assert_eq!(encoding.words_in(CharSpan::new(3, 9)), 1..2);
    assert_eq!(encoding.words_in(CharSpan::new(5, 6)), 1..2);
    assert_eq!(encoding.words_in(CharSpan::new(0, 15)), 0..4);
    assert_eq!(encoding.words_in(CharSpan::new(2, 3)), 1..1);
    assert_eq!(encoding.words_in(CharSpan::new(15, 40)), 4..4);
    assert_eq!(encoding.words_in(CharSpan::new(9, 3)).len(), 0);
}

#[test]
fn difficult_texts_keep_every_promise() {
    let long_line = "Él vio el robot. ".repeat(600);
    let long_word = "dañado".repeat(2000);
    let long_accents = "e\u{301}".repeat(49) + "a\u{301}b";
    for text in [
        "",
        " \t\n\r\u{a0}\u{2003}\u{85}",
        "👩🏽‍🚀 ❤️ 🇪🇸🤖",
        "cafe\u{301} se\u{301}is, \u{301}el \u{301}",
        "İstanbul I\u{307}x İ",
        "a\u{323}\u{301}b a\u{301}\u{323}b a\u{344}b \u{344}",
        "=\u{338}a ⫝\u{338} \u{2adc} क\u{93c} \u{958}लम \u{1d15e}",
        "한국어 \u{1112}\u{1161}\u{11ab}국 ΣΑΣ ǅ ﬁn Ω\u{212a} \u{37e}",
        "\0\u{1}\u{7f}x\0y \u{feff}\u{200b}\u{ad}",
        "##do do## ## [UNK]",
        &long_line,
        &long_word,
        &long_accents,
    ] {
        check(text);
    }
}

#[test]
fn training_gives_the_same_file_whatever_the_order_of_the_texts() {
    let expected = tokenizer().to_json();
    for _ in 0..5 {
        assert_eq!(tokenizer().to_json(), expected);
    }
    let mut texts = TEXTS;
    texts.reverse();
    assert_eq!(Tokenizer::train(texts, 600).unwrap().to_json(), expected);
}

/// The library's hash maps are seeded differently in every process, so that the comparison with
/// constants would fail if they decided ties.
#[test]
fn training_gives_the_same_tokens_in_every_process() {
    let tokenizer = tokenizer();
    let first = tokenizer.id("##어").unwrap() + 1;
    let learned: Vec<_> = (first..first + 12).filter_map(|id| tokenizer.token(id)).collect();
    assert_eq!(learned.join(" "), "##한 ##ot ro rob de robot dej ca el th to ##ab");
}

#[test]
fn a_vocabulary_is_never_larger_than_asked_and_too_small_a_one_is_refused() {
    let letters = Tokenizer::train([""; 0], 10).unwrap_err();
    let TokenizerError::VocabSize { found: 10, expected } = letters else {
        panic!("{letters}");
    };
    let tokenizer = Tokenizer::train(TEXTS, expected).unwrap();
    assert_eq!(tokenizer.vocab_size(), expected);
    let many_letters: String = ('\u{4e00}'..'\u{9000}').flat_map(|c| [c, ' ']).collect();
    assert!(Tokenizer::train([many_letters], 500).unwrap().vocab_size() <= 500);
}

#[test]
fn a_saved_tokenizer_reads_every_text_as_before() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tokenizer.json");
    let tokenizer = tokenizer();
    tokenizer.save(&path).unwrap();
    let loaded = Tokenizer::load(&path).unwrap();
    for text in TEXTS.into_iter().chain(["Zoë robótico 日本"]) {
        assert_eq!(loaded.encode(text), tokenizer.encode(text));
    }
    assert_eq!(loaded.to_json(), tokenizer.to_json());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_missing_a_malformed_or_an_unwritable_file_is_named() {
    let nowhere = Path::new("/nowhere/tokenizer.json");
    let missing = Tokenizer::load(nowhere).unwrap_err();
    assert!(matches!(missing, TokenizerError::Read { path, .. } if path == nowhere));
    let directory = tempfile::tempdir().unwrap();
    let latin1 = directory.path().join("tokenizer.json");
    fs::write(&latin1, b"\"\xe9l\"").unwrap();
    let error = Tokenizer::load(&latin1).unwrap_err();
    assert!(matches!(error, TokenizerError::Format { source: FormatError::Json { .. }, .. }));
    let unwritable = tokenizer().save(nowhere).unwrap_err();
    assert!(unwritable.to_string().contains("/nowhere/tokenizer.json"), "{unwritable}");
}

#[test]
fn a_tokenizer_of_another_kind_is_refused_by_its_part() {
    /// The key of the part that is refused, and what was found there.
    fn part(error: FormatError) -> (&'static str, String) {
        match error {
            FormatError::Part { part, found, .. } => (part, found),
            error => panic!("{error}"),
        }
    }
    let tokenizer = tokenizer();
    let error = refusal(&tokenizer, |json| json["normalizer"] = serde_json::Value::Null);
    assert_eq!(part(error), ("normalizer", "null".to_owned()));
    let error = refusal(&tokenizer, |json| json["model"]["type"] = "BPE".into());
    assert_eq!(part(error), ("model.type", "\"BPE\"".to_owned()));
    let error = refusal(&tokenizer, |json| json["model"]["vocab"] = 3.into());
    assert_eq!(part(error), ("model.vocab", "3".to_owned()));
    let error = refusal(&tokenizer, |json| {
        let vocab = json["model"]["vocab"].as_object_mut().unwrap();
        vocab.extend((vocab.len()..100_001).map(|id| (format!("x{id}"), id.into())));
    });
    assert_eq!(part(error), ("model.vocab", "100001 tokens".to_owned()));
    let error = Tokenizer::parse(b"[]").unwrap_err();
    assert_eq!(part(error), ("model.vocab", "null".to_owned()));
    let error = refusal(&tokenizer, |json| json["model"]["vocab"]["robot"] = 7.into());
    assert!(matches!(error, FormatError::Id { .. }), "{error}");
    let error = refusal(&tokenizer, |json| {
        let vocab = json["model"]["vocab"].as_object_mut().unwrap();
        vocab.insert("[PAD]".to_owned(), 1.into());
        vocab.insert("[UNK]".to_owned(), 0.into());
    });
    assert!(matches!(error, FormatError::Special { id: 0, expected: "[PAD]", .. }), "{error}");
    let error = refusal(&tokenizer, |json| {
        let vocab = json["model"]["vocab"].as_object_mut().unwrap();
        vocab.insert("##\u{301}".to_owned(), vocab.len().into());
    });
    assert!(matches!(error, FormatError::Mark { .. }), "{error}");
    assert!(matches!(Tokenizer::parse(b"{"), Err(FormatError::Json { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_keeps_every_promise(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_mixture_of_letters_marks_and_signs_keeps_every_promise(
        text in "(robot|dej|Él|e|İ|ñ|'|’| |\u{301}|\u{323}|\u{338}|\u{93c}|\u{344}|=|क|\u{1112}|\u{1161}|\u{11ab}|\\.|\\PC|\\p{L}|\\p{M}){0,24}"
    ) {
        check(&text);
    }
}
