//! The committed files of `data/` begin as the generator makes them, and they are balanced and not in
//! training.
//!
//! `UPDATE_EXPECT=1 cargo test -p anafora-corpus --test all data` updates the test files and the table of
//! data/README.md after a change of the grammar.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anafora_corpus::bag_of_words::BagOfWords;
use anafora_corpus::bundled::{self, NaturalHalf, TEST_LENGTH, TEST_SEED};
use anafora_corpus::distance::distance;
use anafora_corpus::example::{Example, Language};
use anafora_corpus::generator::Generator;
use anafora_corpus::grammar::{Grammar, WordEntry};
use anafora_corpus::heuristics::{Heuristic, accuracy, accuracy_of, chance};
use anafora_corpus::jsonl;
use anafora_corpus::learned::{LearnedBaselines, training_examples};
use anafora_corpus::split::Split;
use anafora_corpus::tokenizer::Tokenizer;
use anafora_corpus::word::{self, normalise};

/// How far the accuracy of a baseline may be from chance.
const MARGIN: f64 = 0.05;

/// The phenomena in which agreement decides. If the two candidates are exchanged, the same words
/// have the other answer, so that a bag of words must be as good as chance.
const AGREEMENT: [&str; 6] = ["gender", "number", "several", "distance", "cataphora", "clitic"];

/// The splits that share no text with training, on which the trained baselines are tested.
const HELD_OUT: [Split; 5] =
    [Split::Validation, Split::NewWords, Split::NewPatterns, Split::Longer, Split::MoreCandidates];

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

fn test_file(split: Split, language: Language) -> PathBuf {
    data().join("test").join(split.slug()).join(format!("{}.jsonl", language.code()))
}

fn generator(language: Language, seed: u64, split: Split) -> Generator {
    let grammar = Grammar::embedded().expect("the grammar has no mistake");
    Generator::new(grammar, &[language], seed, split).expect("the grammar has texts in each split")
}

/// The first training examples of a language: many enough for whatever training must not have.
fn training(language: Language) -> &'static [Example] {
    static TRAINING: LazyLock<[Vec<Example>; 2]> = LazyLock::new(|| {
        Language::ALL.map(|language| {
            generator(language, TEST_SEED, Split::Train).examples(0).take(60_000).collect()
        })
    });
    &TRAINING[language as usize]
}

/// Whether the committed files are updated instead of compared.
fn updating() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1")
}

/// The split, the language and the rows of each test file.
fn test_files() -> impl Iterator<Item = (Split, Language, &'static [Example])> {
    static FILES: LazyLock<Vec<(Split, Language, Vec<Example>)>> = LazyLock::new(|| {
        let kinds = Split::TESTS.into_iter();
        let kinds = kinds.flat_map(|split| Language::ALL.map(|language| (split, language)));
        kinds.map(|(split, lang)| (split, lang, bundled::test_examples(split, lang))).collect()
    });
    FILES.iter().map(|(split, language, rows)| (*split, *language, rows.as_slice()))
}

/// The rows of one test file.
fn rows(split: Split, language: Language) -> &'static [Example] {
    let mut files = test_files();
    files.find(|file| (file.0, file.1) == (split, language)).expect("each has a file").2
}

fn phenomena(examples: &[Example]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for example in examples {
        if !names.contains(&example.phenomenon) {
            names.push(example.phenomenon.clone());
        }
    }
    names
}

/// How many rows at the beginning of each test file are made again and compared.
const N_REMADE: usize = 60;

/// The files are fixed: whoever changes the grammar and means it writes them anew.
#[test]
fn the_generator_still_makes_the_beginning_of_each_test_file() {
    for (split, language, rows) in test_files() {
        let length = if updating() { TEST_LENGTH } else { N_REMADE };
        let generator = generator(language, TEST_SEED, split);
        let made: Vec<Example> = generator.distinct_pairs().flatten().take(length).collect();
        let path = test_file(split, language);
        if updating() {
            let mut text = Vec::new();
            jsonl::write_to(&mut text, &made).unwrap();
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let hint = "UPDATE_EXPECT=1 cargo test -p anafora-corpus --test all data writes it anew";
        assert!(rows[..length] == made, "{} begins differently: {hint}", path.display());
    }
}

#[test]
fn every_row_has_a_text_and_an_id_of_its_own() {
    let mut ids = HashSet::new();
    for (split, language, rows) in test_files() {
        assert_eq!(rows.len(), TEST_LENGTH);
        assert!(rows.iter().all(|row| row.lang == language));
        let texts: HashSet<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        assert_eq!(texts.len(), TEST_LENGTH, "{split:?} {}", language.code());
        assert!(rows.iter().all(|row| ids.insert(row.id.as_str())), "{split:?}");
    }
    for row in Language::ALL.iter().flat_map(|&language| training(language)) {
        assert!(!ids.contains(row.id.as_str()), "{}", row.id);
    }
}

/// How many patterns a phenomenon has at least in training, and in the test on new patterns.
const N_PATTERNS: [usize; 2] = [12, 3];

#[test]
fn every_phenomenon_has_its_share_of_rows_and_enough_patterns() {
    let grammar = Grammar::embedded().unwrap();
    for (split, language, rows) in test_files() {
        let shown = grammar.patterns(language, split);
        let share = TEST_LENGTH / shown.len();
        for (phenomenon, patterns) in &shown {
            let n = rows.iter().filter(|row| row.phenomenon == *phenomenon).count();
            let what = format!("{split:?} {} {phenomenon}", language.code());
            // A phenomenon with few words has fewer rows, since repeated texts are left out.
            assert!((share / 2..=2 * share).contains(&n), "{what}: {n} of about {share}");
            let least = match split {
                Split::NewPatterns => N_PATTERNS[1],
                Split::Longer | Split::MoreCandidates => 2 * N_PATTERNS[1],
                // Patterns in which no candidate agrees are left out here, since nobody can say
                // that of a new word.
                Split::NewWords if *phenomenon == "none" => N_PATTERNS[1],
                _ => N_PATTERNS[0],
            };
            assert!(patterns.len() >= least, "{what}: {patterns:?}");
        }
        let names: Vec<&str> = shown.iter().map(|(phenomenon, _)| *phenomenon).collect();
        assert_eq!(names, phenomena(rows));
    }
}

#[test]
fn neighbours_are_minimal_pairs_with_another_answer() {
    for (_, _, rows) in test_files() {
        for pair in rows.chunks(2) {
            let [first, second] = pair else { panic!("a pair without its second") };
            assert_eq!(first.pair, second.pair);
            assert_eq!(first.pair.as_ref(), Some(&first.id));
            assert_ne!(first.text, second.text);
            assert_ne!(first.antecedent, second.antecedent, "{} {}", first.text, second.text);
        }
    }
}

/// The datasheet with the table between its two marks replaced.
fn with_table(readme: &str, table: &str) -> String {
    let (before, rest) = readme.split_once("<!-- balance -->\n").expect("the mark before");
    let (_, after) = rest.split_once("<!-- end of balance -->").expect("the mark after");
    format!("{before}<!-- balance -->\n{table}\n<!-- end of balance -->{after}")
}

/// The trained baselines of one language.
fn learned(language: Language) -> &'static LearnedBaselines {
    static LEARNED: LazyLock<[LearnedBaselines; 2]> = LazyLock::new(|| {
        Language::ALL.map(|language| {
            let grammar = Grammar::embedded().expect("the grammar has no mistake");
            LearnedBaselines::new(grammar, language).expect("the grammar has texts in training")
        })
    });
    &LEARNED[language as usize]
}

/// The names of all baselines, and their accuracy on these rows.
fn baselines(language: Language, rows: &[&Example]) -> Vec<(&'static str, f64)> {
    let rows = || rows.iter().copied();
    let learned = learned(language);
    let frequent = accuracy_of(|row| learned.most_frequent(row), rows());
    let bag = accuracy_of(|row| learned.bag_of_words(row), rows());
    let others = Heuristic::ALL.into_iter().map(|known| (known.name(), accuracy(known, rows())));
    others.chain([("most frequent", frequent), (BAG_OF_WORDS, bag)]).collect()
}

/// The name of [`BagOfWords`].
const BAG_OF_WORDS: &str = "bag of words";

/// Whether a baseline may be better than chance. A bag of words may where the meaning decides, as
/// data/README.md says; where agreement decides, another test checks it on more examples.
fn may_beat_chance(baseline: &str) -> bool {
    baseline == BAG_OF_WORDS
}

#[test]
fn no_baseline_is_better_than_chance() {
    let mut table = String::new();
    for (split, language, rows) in test_files() {
        let slices = phenomena(rows).into_iter().map(Some).chain([None]);
        for phenomenon in slices {
            let in_slice =
                |row: &&Example| phenomenon.as_ref().is_none_or(|name| *name == row.phenomenon);
            let slice: Vec<&Example> = rows.iter().filter(in_slice).collect();
            let by_chance = chance(slice.iter().copied());
            let name = phenomenon.unwrap_or_else(|| "all".to_owned());
            let n = slice.iter().filter(|row| row.antecedent.is_some()).count();
            let answers = baselines(language, &slice);
            if table.is_empty() {
                table += "| split | language | phenomenon | n | answerable | chance |";
                answers.iter().for_each(|(name, _)| table += &format!(" {name} |"));
                table += &format!("\n|{}", "---|".repeat(6 + answers.len()));
            }
            let mut line = format!(
                "\n| {} | {} | {name} | {} | {n} | {:.1} |",
                split.name(),
                language.code(),
                slice.len(),
                100.0 * by_chance
            );
            for (answer, share) in &answers {
                line += &format!(" {:.1} |", 100.0 * share);
                // For a single phenomenon three standard errors are added, since it has few rows.
                let spread = 3.0 * (by_chance * (1.0 - by_chance) / n.max(1) as f64).sqrt();
                let margin = MARGIN + if name == "all" { 0.0 } else { spread };
                let is_balanced = (share - by_chance).abs() <= margin;
                assert!(is_balanced || may_beat_chance(answer), "{answer}: {line}");
            }
            // The datasheet has each phenomenon for one split only, and each split as a whole.
            if split == Split::InDistribution || name == "all" {
                table += &line;
            }
        }
    }
    let readme = data().join("README.md");
    let text = std::fs::read_to_string(&readme).unwrap();
    if updating() {
        std::fs::write(&readme, with_table(&text, &table)).unwrap();
    }
    assert!(with_table(&text, &table) == text || updating(), "data/README.md has another table");
}

/// If it fails, some word of a pattern gives away the place of the answer: *it* where only one
/// candidate is a thing, *they* where only one slot has plurals, a reason that is given for persons
/// only.
#[test]
fn where_agreement_decides_a_bag_of_words_is_no_better_than_chance_in_spanish() {
    assert_no_better_than_chance(Language::Es);
}

#[test]
fn where_agreement_decides_a_bag_of_words_is_no_better_than_chance_in_english() {
    assert_no_better_than_chance(Language::En);
}

/// On so many examples that the margin is three standard errors for each phenomenon.
fn assert_no_better_than_chance(language: Language) {
    let mut faults = String::new();
    for split in HELD_OUT {
        let rows = held_out(language, split, 15_000);
        for phenomenon in AGREEMENT {
            let (share, by_chance) = bag_of_words_in(phenomenon, language, &rows);
            if (share - by_chance).abs() > MARGIN {
                let what = format!("{} {} {phenomenon}", split.name(), language.code());
                faults += &format!("\n{what}: {share:.3}, chance {by_chance:.3}");
                faults += &telling_words(phenomenon, &rows, by_chance);
            }
        }
    }
    assert!(faults.is_empty(), "right by the words alone:{faults}");
}

/// For the error message: of the words that only one text of a pair has, those that most often go
/// with the same place of the answer, each with an example.
fn telling_words(phenomenon: &str, rows: &[Example], by_chance: f64) -> String {
    type Seen<'a> = (Vec<usize>, &'a str);
    let mut seen: HashMap<String, Seen<'_>> = HashMap::new();
    for pair in rows.chunks(2).filter(|pair| pair[0].phenomenon == phenomenon) {
        let bags = [0, 1].map(|member| words(&pair[member].text).collect::<HashSet<_>>());
        for (row, [own, other]) in pair.iter().zip([[0, 1], [1, 0]]) {
            for word in bags[own].difference(&bags[other]) {
                let (places, _) = seen.entry(word.clone()).or_insert((vec![], &row.text));
                places.extend(row.antecedent);
            }
        }
    }
    let mut found: Vec<(f64, String)> = (seen.iter())
        .map(|(word, (places, text))| {
            let n_at = |place| places.iter().filter(|&&found| found == place).count();
            let n_places = places.iter().max().map_or(0, |last| last + 1);
            let (n_most, most) = (0..n_places).map(|at| (n_at(at), at)).max().unwrap_or_default();
            let n = places.len();
            let line = format!("\n    {word:?}: {n_most} of {n} at place {most}, as in {text:?}");
            (n_most as f64 - by_chance * n as f64, line)
        })
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    found.into_iter().take(6).map(|(_, line)| line).collect()
}

/// Shows that the test above can fail: with one more word that gives away the place, the bag of
/// words finds it.
#[test]
fn one_word_that_gives_away_the_place_is_found_among_all_the_others() {
    let telling = |row: &Example| {
        let place = row.antecedent.map_or("none".to_owned(), |place| format!("place{place}"));
        Example { text: format!("{} {place}", row.text), ..row.clone() }
    };
    for language in Language::ALL {
        let examples = training_examples(Grammar::embedded().unwrap(), language).unwrap();
        let examples: Vec<Example> = examples.iter().map(telling).collect();
        let model = BagOfWords::train(&examples);
        let rows = held_out(language, Split::Validation, 4_000);
        let asked: Vec<Example> = rows.iter().map(telling).collect();
        let share = accuracy_of(|row| model.answer(row), &asked);
        assert!(share > 0.99, "{language:?}: {share:.3}");
    }
}

/// Newly generated examples, so many that the margin is many standard errors.
fn held_out(language: Language, split: Split, n: usize) -> Vec<Example> {
    generator(language, 5, split).examples(0).take(n).collect()
}

/// The accuracy of [`BagOfWords`] on a phenomenon, and that of chance.
fn bag_of_words_in(phenomenon: &str, language: Language, rows: &[Example]) -> (f64, f64) {
    let slice = || rows.iter().filter(|row| row.phenomenon == phenomenon);
    (accuracy_of(|row| learned(language).bag_of_words(row), slice()), chance(slice()))
}

/// The same on training examples, so many that the margin is many standard errors for each
/// phenomenon.
#[test]
fn no_baseline_is_better_than_chance_on_any_phenomenon_of_a_long_stream() {
    for language in Language::ALL {
        let rows = training(language);
        for phenomenon in phenomena(rows) {
            let slice: Vec<&Example> =
                rows.iter().filter(|row| row.phenomenon == phenomenon).collect();
            let by_chance = chance(slice.iter().copied());
            for (answer, share) in baselines(language, &slice) {
                let distance = (share - by_chance).abs();
                let what = format!("{language:?} {phenomenon} {answer}");
                let is_balanced = distance <= MARGIN || may_beat_chance(answer);
                assert!(is_balanced, "{what}: {share:.3}, chance {by_chance:.3}");
            }
        }
    }
}

/// The words of a text, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    anafora_corpus::word::words(text).map(|word| anafora_corpus::word::normalise(word.text))
}

#[test]
fn nothing_of_a_test_is_in_training() {
    let grammar = Grammar::embedded().unwrap();
    for language in Language::ALL {
        let tests: HashSet<&str> = (Split::TESTS.into_iter())
            .flat_map(|split| rows(split, language))
            .map(|row| row.text.as_str())
            .collect();
        let held_out: Vec<WordEntry> = grammar.words(language).filter(|w| w.held_out).collect();
        let n_words = grammar.words(language).count();
        let share = held_out.len() as f64 / n_words as f64;
        assert!((0.1..0.25).contains(&share), "{language:?}: {share}");
        let texts: HashSet<&str> =
            held_out.iter().flat_map(|word| [Some(word.singular), word.plural]).flatten().collect();
        for pair in rows(Split::NewWords, language).chunks(2) {
            let mut candidates = pair
                .iter()
                .flat_map(|row| row.candidates.iter().filter_map(|span| span.slice(&row.text)));
            assert!(candidates.any(|candidate| texts.contains(candidate)), "{}", pair[0].text);
        }
        let new_words: HashSet<String> = (texts.iter())
            .flat_map(|text| {
                let n_words = words(text).count();
                words(text).filter(move |word| n_words == 1 || word.chars().count() > 3)
            })
            .collect();
        let seen: HashSet<&str> = pattern_names(&grammar, language, Split::Train);
        for split in [Split::NewPatterns, Split::Longer, Split::MoreCandidates] {
            assert!(seen.is_disjoint(&pattern_names(&grammar, language, split)), "{split:?}");
        }
        for example in training(language) {
            let text = &example.text;
            assert!(Split::Train.contains(text) && !tests.contains(text.as_str()), "{text}");
            assert!(words(text).all(|word| !new_words.contains(&word)), "{text}");
        }
    }
}

fn pattern_names(grammar: &Grammar, language: Language, split: Split) -> HashSet<&str> {
    grammar.patterns(language, split).into_iter().flat_map(|(_, names)| names).collect()
}

/// The phenomena in which the meaning decides.
const MEANING: [&str; 5] = ["animacy", "causality", "relation", "binding", "null"];

#[test]
fn new_patterns_of_meaning_use_the_words_of_training() {
    for language in Language::ALL {
        let known: HashSet<String> =
            training(language).iter().flat_map(|row| words(&row.text)).collect();
        let rows = rows(Split::NewPatterns, language).iter();
        let new: HashSet<String> = rows
            .filter(|row| MEANING.contains(&row.phenomenon.as_str()))
            .flat_map(|row| words(&row.text).collect::<Vec<_>>())
            .filter(|word| !known.contains(word))
            .collect();
        // The few new words belong to phrases such as *the opinion of* and *no es de extrañar*.
        assert!(new.len() <= 20, "{language:?}: {new:?}");
    }
}

#[test]
fn longer_is_up_to_eight_times_as_far_and_more_candidates_are_more() {
    let to_antecedent = |row: &Example| row.antecedent.and_then(|_| distance(row));
    for language in Language::ALL {
        let training = training(language);
        let farthest = training.iter().filter_map(to_antecedent).max().unwrap();
        let distances = || rows(Split::Longer, language).iter().filter_map(to_antecedent);
        let (nearest, most) = (distances().min().unwrap(), distances().max().unwrap());
        assert!(nearest > farthest, "{language:?}: {nearest} words, in training {farthest}");
        assert!(
            (6 * farthest..=9 * farthest).contains(&most),
            "{language:?}: {most} words, in training {farthest}"
        );
        let n_candidates = |rows: &[Example]| -> Vec<usize> {
            rows.iter().map(|row| row.candidates.len()).collect()
        };
        let most = n_candidates(training).into_iter().max();
        let fewest = n_candidates(rows(Split::MoreCandidates, language)).into_iter().min();
        assert!(fewest > most, "{language:?}: {fewest:?} candidates, in training {most:?}");
    }
}

#[test]
fn the_probes_begin_with_the_lectures_sentences() {
    let probes = bundled::probes();
    let lecture = [
        ("El robot dejó caer la pelota porque él estaba dañado.", "él", "robot"),
        ("Tom didn't come to work today because he was sick.", "he", "Tom"),
    ];
    for (probe, (text, pronoun, antecedent)) in probes.iter().zip(lecture) {
        assert_eq!(probe.text, text);
        assert_eq!(probe.pronoun.slice(text), Some(pronoun));
        let answer = probe.antecedent.and_then(|idx| probe.candidates[idx].slice(text));
        assert_eq!(answer, Some(antecedent));
    }
    let grammar = Grammar::embedded().unwrap();
    for language in Language::ALL {
        for phenomenon in grammar.phenomena(language) {
            let shown = |probe: &Example| probe.lang == language && probe.phenomenon == phenomenon;
            assert!(probes.iter().any(shown), "{} {phenomenon}", language.code());
        }
    }
}

/// Models are tried on the lecture's sentences, so that training must have their words.
#[test]
fn the_words_of_the_probes_are_in_the_training_texts() {
    for language in Language::ALL {
        let words = |text: &str| -> Vec<String> {
            let parts = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
            parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
        };
        let seen: HashSet<String> =
            training(language).iter().flat_map(|row| words(&row.text)).collect();
        for probe in bundled::probes().iter().filter(|probe| probe.lang == language) {
            for word in words(&probe.text) {
                assert!(seen.contains(&word), "{word:?} of {:?}", probe.text);
            }
        }
    }
}

/// With the vocabulary of `configs/base.toml`, so that attention to these words is easy to look at.
#[test]
fn the_words_of_the_probes_are_tokens_of_the_default_vocabulary() {
    let generator =
        Generator::new(Grammar::embedded().unwrap(), &Language::ALL, 1, Split::Train).unwrap();
    let texts = generator.examples(0).take(20_000).map(|example| example.text);
    let tokenizer = Tokenizer::train(bundled::with_probes(texts), 4_000).unwrap();
    for probe in &bundled::probes() {
        let encoding = tokenizer.encode(&probe.text);
        let whole = encoding.words.iter().all(|word| word.tokens.len() == 1);
        let n_tokens: Vec<usize> = encoding.words.iter().map(|word| word.tokens.len()).collect();
        assert!(whole, "{}: {n_tokens:?}", probe.text);
        assert!(!encoding.ids.contains(&tokenizer.id("[UNK]").unwrap()), "{}", probe.text);
    }
}

/// What people wrote is there in both halves, with every kind of decision, and no minimal pair is
/// divided between the halves.
#[test]
fn natural_text_has_both_halves_and_divides_no_pair() {
    for language in Language::ALL {
        let halves = [NaturalHalf::Dev, NaturalHalf::Test];
        let [dev, test] = halves.map(|half| bundled::natural_examples(language, half));
        for rows in [&dev, &test] {
            assert!(rows.len() >= 150, "{language:?}: {}", rows.len());
            let kinds: HashSet<&str> = rows.iter().map(|row| row.phenomenon.as_str()).collect();
            assert_eq!(kinds, HashSet::from(["agreement", "syntax", "meaning", "nothing"]));
            for row in rows {
                assert!(row.form.is_some() && row.agreeing.is_some() && row.lang == language);
                let agrees = |idx| row.agreeing.iter().flatten().any(|&other| other == idx);
                assert!(row.antecedent.is_none_or(agrees), "{}", row.text);
            }
        }
        let texts: HashSet<&str> = dev.iter().map(|row| row.text.as_str()).collect();
        let pairs: HashSet<&String> = dev.iter().filter_map(|row| row.pair.as_ref()).collect();
        for row in &test {
            assert!(!texts.contains(row.text.as_str()), "{}", row.text);
            assert!(row.pair.as_ref().is_none_or(|pair| !pairs.contains(pair)), "{}", row.text);
        }
    }
}

/// Training is made of lists that were written without them.
#[test]
fn no_natural_text_is_in_training() {
    for language in Language::ALL {
        let texts: HashSet<&str> = training(language).iter().map(|row| row.text.as_str()).collect();
        for half in [NaturalHalf::Dev, NaturalHalf::Test] {
            for row in bundled::natural_examples(language, half) {
                assert!(!texts.contains(row.text.as_str()), "{}", row.text);
            }
        }
    }
}

/// The texts with every mention: spans are in the text, heads in their phrases, and every chain that
/// an anaphor belongs to has a phrase.
#[test]
fn texts_with_mentions_fit_together() {
    for language in Language::ALL {
        let path = data().join("natural").join(language.code()).join("texts.jsonl");
        let lines = std::fs::read_to_string(&path).unwrap();
        let texts: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(texts.len(), 30, "{}", path.display());
        for text in &texts {
            let n_chars = text["text"].as_str().unwrap().chars().count() as u64;
            let mentions = text["mentions"].as_array().unwrap();
            let numbers = |chain: &serde_json::Value| -> Vec<u64> {
                let of_list =
                    |list: &Vec<_>| list.iter().filter_map(serde_json::Value::as_u64).collect();
                chain
                    .as_u64()
                    .map_or_else(|| chain.as_array().map(of_list).unwrap_or_default(), |n| vec![n])
            };
            let is_anaphor = |mention: &&serde_json::Value| mention["anaphor"] == true;
            let named: HashSet<u64> = (mentions.iter())
                .filter(|mention| !is_anaphor(mention))
                .flat_map(|mention| numbers(&mention["chain"]))
                .collect();
            for mention in mentions {
                let [start, end] = [0, 1].map(|at| mention["span"][at].as_u64().unwrap());
                assert!(start < end && end <= n_chars, "{}: {mention}", text["id"]);
                if is_anaphor(&mention) {
                    let chains = numbers(&mention["chain"]);
                    assert!(
                        chains.iter().all(|chain| named.contains(chain)),
                        "{}: {mention}",
                        text["id"]
                    );
                    assert_eq!(mention["chain"].is_null(), mention["absent"].is_boolean());
                } else {
                    let head = mention["head"].as_u64().unwrap();
                    assert!((start..end).contains(&head), "{}: {mention}", text["id"]);
                }
            }
        }
    }
}

/// The texts for training: each has an example, and none shares a run of words with what is for
/// measuring.
#[test]
fn written_training_texts_share_no_run_of_words_with_those_for_measuring() {
    const N_WORDS: usize = 8;
    let runs = |text: &str| -> HashSet<Vec<String>> {
        let words: Vec<String> = word::words(text).map(|word| normalise(word.text)).collect();
        words.windows(N_WORDS).map(<[String]>::to_vec).collect()
    };
    for language in Language::ALL {
        let texts = bundled::training_texts(language);
        assert!(texts.len() > 200, "{language:?}: {}", texts.len());
        let training: HashSet<Vec<String>> =
            texts.iter().flat_map(|text| runs(&text.text)).collect();
        for text in texts {
            text.validate().unwrap();
            let (id, examples) = (text.id.clone(), text.into_text().map(|text| text.examples));
            for example in examples.unwrap_or_default() {
                jsonl::validate(&example).unwrap_or_else(|why| panic!("{id}: {why}"));
            }
        }
        let halves = [NaturalHalf::Dev, NaturalHalf::Test];
        let measured =
            halves.into_iter().flat_map(|half| bundled::natural_examples(language, half));
        for example in measured {
            assert!(training.is_disjoint(&runs(&example.text)), "{}", example.text);
        }
        for text in bundled::natural_texts(language) {
            assert!(training.is_disjoint(&runs(&text.text)), "{}", text.text);
        }
    }
}
