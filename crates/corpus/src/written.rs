//! Texts that people wrote for training, with other names and nouns each time they come, and some of
//! them behind another one. Half of the English ones are told about the other sex.
//!
//! ```text
//! Ana vio a Luis con un perro y lo saludó.  →  Teresa vio a Iván con un gato y lo saludó.
//! ```

mod mirror;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use mirror::Mirror;

use crate::annotated::{AnnotatedMention, AnnotatedText};
use crate::bundled::training_texts;
use crate::composition::{Composition, rng::Random};
use crate::example::Language;
use crate::generator::noise::NoisyText;
use crate::span::CharSpan;
use crate::text::Text;
use crate::word::words;

/// The texts of `data/natural/LANGUAGE/train.txt`, an endless stream of them for each language.
pub struct WrittenTexts {
    texts: [Vec<AnnotatedText>; 2],
    /// For each language the words that a name or noun can be exchanged for.
    exchangeable: [HashMap<String, Arc<[String]>>; 2],
    mirror: Mirror,
    /// For each language the order of the last epoch that was asked for.
    orders: [Mutex<Option<Order>>; 2],
    /// Share of the texts that look typed in a hurry.
    noise: f64,
}

/// The order in which an epoch goes through the texts.
struct Order {
    seed: u64,
    epoch: u64,
    order: Arc<[usize]>,
}

/// Sets the random numbers of the order apart from those of a text.
const ORDER: u64 = 0x0de5 << 32;

impl WrittenTexts {
    /// The texts that are compiled into the program, and the words of the composition.
    pub fn embedded(composition: &Composition, noise: f64) -> Self {
        let exchangeable = Language::ALL.map(|language| composition.exchangeable(language));
        let texts = Language::ALL.map(|language| {
            let mut texts = training_texts(language);
            texts.retain(|text| text.clone().into_text().is_some());
            texts
        });
        let mirror = Mirror::new(
            composition.english_names(),
            composition.english_nouns_of_one_sex(),
            &texts[Language::En as usize],
        );
        Self { texts, exchangeable, mirror, orders: Default::default(), noise }
    }

    /// The text at `index` of a language's stream, a pure function of the seed and the index. All
    /// texts come once, in another order, before one comes again.
    pub fn text(&self, language: Language, seed: u64, index: u64) -> Text {
        let mut rng = Random::new(seed ^ (1 + language as u64), index);
        let written = self.as_written(language, seed, index);
        let mirrored = match language {
            Language::En if rng.chance(0.5) => self.mirrored(written, &mut rng),
            _ => None,
        };
        let mut text = self.with_other_words(mirrored.as_ref().unwrap_or(written), &mut rng);
        if rng.chance(SHARE_OF_JOINED)
            && let Some(before) = rng.item(&self.texts[language as usize])
        {
            let before = self.with_other_words(before, &mut rng);
            text = joined(&before, &text).unwrap_or(text);
        }
        if rng.chance(self.noise) {
            text = with_noise(&text, rng.seed());
        }
        text.id = format!("{}-written-{index:07}", language.code());
        text.into_text().expect("it has an example, whatever its names")
    }

    /// The text at `index` with its own words.
    fn as_written(&self, language: Language, seed: u64, index: u64) -> &AnnotatedText {
        let texts = &self.texts[language as usize];
        let n = texts.len() as u64;
        let order = self.order(language, seed, index / n);
        &texts[order[(index % n) as usize]]
    }

    /// The order of an epoch, which is made once: a training asks for thousands of texts in a row.
    fn order(&self, language: Language, seed: u64, epoch: u64) -> Arc<[usize]> {
        let language = language as usize;
        let mut last = self.orders[language].lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(last) if (last.seed, last.epoch) == (seed, epoch) => last.order.clone(),
            _ => {
                let n = self.texts[language].len();
                let order: Arc<[usize]> = Random::new(seed ^ ORDER, epoch).order(n).into();
                *last = Some(Order { seed, epoch, order: order.clone() });
                order
            }
        }
    }

    /// The English text told about the other sex; `None` if nothing in it has a sex, or if it cannot
    /// be exchanged.
    fn mirrored(&self, text: &AnnotatedText, rng: &mut Random) -> Option<AnnotatedText> {
        let edits = self.mirror.edits(text, rng).filter(|edits| !edits.is_empty())?;
        let edits: Vec<_> = edits.iter().map(|(span, word)| (*span, word.as_str())).collect();
        Some(with_edits(text, &edits))
    }

    /// The text with other first names and, half of the time, with some other nouns; the same word for
    /// the same one.
    fn with_other_words(&self, text: &AnnotatedText, rng: &mut Random) -> AnnotatedText {
        let share_of_nouns = if rng.chance(0.5) { SHARE_OF_NOUNS } else { 0.0 };
        let mut others: HashMap<&str, Option<&str>> = HashMap::new();
        for phrase in text.phrases() {
            let head = text.head_word(phrase);
            let Some(word) = head.slice(&text.text) else { continue };
            let Some(list) = self.exchangeable[text.lang as usize].get(word) else { continue };
            let share = match word.starts_with(char::is_uppercase) {
                true if head.start == phrase.span.start => 1.0,
                true => 0.0, // a name behind something else: a street, a prize
                false => share_of_nouns,
            };
            let other = rng.item(list).filter(|_| rng.chance(share)).map(String::as_str);
            others.entry(word).or_insert(other);
        }
        let edits: Vec<(CharSpan, &str)> = words(&text.text)
            .filter_map(|word| Some((word.span, (*others.get(word.span.slice(&text.text)?)?)?)))
            .collect();
        with_edits(text, &edits)
    }
}

/// How many of the texts come behind another one, as in a longer text that goes on to something else.
const SHARE_OF_JOINED: f64 = 0.3;

/// The most characters of two texts together.
const MAX_JOINED: usize = 600;

/// The second text behind the first, or `None` if what is in the first could then be meant by one of the
/// second's anaphors: one that stands for nothing named, or that comes before its antecedent.
fn joined(first: &AnnotatedText, second: &AnnotatedText) -> Option<AnnotatedText> {
    let offset = first.text.chars().count() + 1;
    let names = |text: &AnnotatedText| -> HashSet<String> {
        let heads = text.phrases().into_iter().map(|phrase| text.head_word(phrase));
        heads.filter_map(|head| head.slice(&text.text).map(str::to_lowercase)).collect()
    };
    let is_named_before = |anaphor: &&AnnotatedMention| {
        let numbers = anaphor.chain.numbers();
        let named = |number: &u32| {
            second.phrases().iter().any(|phrase| {
                phrase.span.start < anaphor.span.start && phrase.chain.numbers().contains(number)
            })
        };
        !numbers.is_empty() && numbers.iter().all(named)
    };
    let fits = offset + second.text.chars().count() <= MAX_JOINED
        && first.text.ends_with(['.', '!', '?', '…'])
        && second.anaphors().iter().all(is_named_before)
        && names(first).is_disjoint(&names(second));
    if !fits {
        return None;
    }
    let n_chains = first.mentions.iter().flat_map(|mention| mention.chain.numbers()).max();
    let moved = |mention: &AnnotatedMention| AnnotatedMention {
        span: CharSpan::new(mention.span.start + offset, mention.span.end + offset),
        head: mention.head.map(|head| head + offset),
        chain: mention.chain.shifted(n_chains.copied().unwrap_or_default()),
        ..mention.clone()
    };
    Some(AnnotatedText {
        id: second.id.clone(),
        lang: second.lang,
        text: format!("{} {}", first.text, second.text),
        mentions: first.mentions.iter().cloned().chain(second.mentions.iter().map(moved)).collect(),
    })
}

/// How many of the nouns are exchanged in a text in which any are.
const SHARE_OF_NOUNS: f64 = 0.5;

/// The text with words exchanged; the mentions move along.
fn with_edits(text: &AnnotatedText, edits: &[(CharSpan, &str)]) -> AnnotatedText {
    let chars: Vec<char> = text.text.chars().collect();
    let mut written = String::new();
    let mut offsets = Vec::with_capacity(chars.len() + 1);
    let mut length = 0;
    let mut edits = edits.iter().peekable();
    let mut start = 0;
    while start < chars.len() {
        let edit = edits.next_if(|(span, _)| span.start == start);
        let (end, by) = match edit {
            Some((span, by)) => (span.end, (*by).to_owned()),
            None => (start + 1, chars[start].to_string()),
        };
        offsets.extend(std::iter::repeat_n(length, end - start));
        length += by.chars().count();
        written += &by;
        start = end;
    }
    offsets.push(length);
    moved(text, written, |offset| offsets[offset])
}

fn with_noise(text: &AnnotatedText, seed: u64) -> AnnotatedText {
    let heads = text.phrases().into_iter().map(|phrase| text.head_word(phrase));
    let fixed: Vec<CharSpan> = heads.chain(text.anaphors().iter().map(|a| a.span)).collect();
    let noisy = NoisyText::new(&text.text, &fixed, seed);
    let moved_offset = |offset| noisy.moved(CharSpan::new(offset, offset)).start;
    moved(text, noisy.text.clone(), moved_offset)
}

/// A text written otherwise, of which `offset` says where a character is now.
fn moved(text: &AnnotatedText, written: String, offset: impl Fn(usize) -> usize) -> AnnotatedText {
    let mention = |mention: &AnnotatedMention| AnnotatedMention {
        span: CharSpan::new(offset(mention.span.start), offset(mention.span.end)),
        head: mention.head.map(&offset),
        ..mention.clone()
    };
    let mentions = text.mentions.iter().map(mention).collect();
    AnnotatedText { id: text.id.clone(), lang: text.lang, text: written, mentions }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> WrittenTexts {
        WrittenTexts::embedded(&Composition::embedded().unwrap(), 0.3)
    }

    #[test]
    fn every_text_has_examples_whatever_its_names_and_noise() {
        let written = written();
        for language in Language::ALL {
            let n = written.texts[language as usize].len() as u64;
            for index in 0..3 * n {
                let text = written.text(language, 5, index);
                for example in &text.examples {
                    crate::jsonl::validate(example).unwrap();
                }
                assert_eq!(text, written.text(language, 5, index));
            }
        }
    }

    #[test]
    fn most_english_texts_of_a_person_can_be_mirrored() {
        let written = written();
        let is_about = |text: &&AnnotatedText| {
            words(&text.text).any(|word| matches!(word.text, "he" | "she" | "his" | "her"))
        };
        let texts: Vec<_> = written.texts[1].iter().filter(is_about).collect();
        let mirrored: Vec<_> = texts
            .iter()
            .filter_map(|text| written.mirrored(text, &mut Random::new(1, 1)))
            .collect();
        let (n, all) = (mirrored.len(), texts.len());
        assert!(n * 5 > all * 3, "{n} of {all}");
    }

    #[test]
    fn an_epoch_has_each_text_once_and_the_next_one_other_names() {
        let written = written();
        let n = written.texts[1].len() as u64;
        let as_written = |range: std::ops::Range<u64>| -> std::collections::HashSet<&str> {
            range.map(|index| written.as_written(Language::En, 5, index).id.as_str()).collect()
        };
        assert_eq!(as_written(0..n).len() as u64, n);
        assert_eq!(as_written(n..2 * n).len() as u64, n);
        let texts = |epochs: u64| -> std::collections::HashSet<String> {
            let text = |index| written.text(Language::En, 5, index).examples[0].text.clone();
            (0..epochs * n).map(text).collect()
        };
        assert!(texts(3).len() > texts(1).len() * 3 / 2, "{}", texts(3).len());
    }

    fn read(line: &str) -> AnnotatedText {
        crate::markup::read(line, Language::Es, "t").unwrap().remove(0)
    }

    #[test]
    fn a_text_comes_behind_another_one_with_chains_of_its_own() {
        let first = read("[1:*Ana] vio a [2:*Luis].");
        let both = joined(&first, &read("[1:El *gato] duerme; {1!:ronca}.")).unwrap();
        assert_eq!(both.text, "Ana vio a Luis. El gato duerme; ronca.");
        let of = |idx: usize| both.mentions[idx].span.slice(&both.text).unwrap();
        assert_eq!((of(2), of(3)), ("El gato", "ronca"));
        assert_eq!((both.mentions[2].head, both.mentions[3].chain.numbers()), (Some(19), &[3][..]));
    }

    #[test]
    fn no_text_comes_behind_another_one_that_its_anaphors_could_mean() {
        let first = read("[1:*Ana] vio a [2:*Luis].");
        for second in [
            "[1:El *gato] no {0:lo} sabe.",           // somebody who is not named
            "Cuando {1!:llegó}, [1:el *gato] comió.", // named later
            "[1:*Ana] duerme; {1!:ronca}.",           // the same name
        ] {
            assert_eq!(joined(&first, &read(second)), None, "{second}");
        }
        let open = read("[1:*ana] vio a [2:*luis]");
        assert_eq!(joined(&open, &read("[1:El *gato] duerme; {1!:ronca}.")), None);
    }

    #[test]
    fn a_noun_is_exchanged_for_one_of_its_gender_and_number() {
        let written = written();
        let text = read("[1:El *perro] mordió [2:la *silla] y [3:las *mesas].");
        let mut others = std::collections::HashSet::new();
        for index in 0..200 {
            let other = written.with_other_words(&text, &mut Random::new(1, index));
            let of = |idx: usize| other.mentions[idx].span.slice(&other.text).unwrap();
            assert!(
                of(0).starts_with("El ") && of(1).starts_with("la ") && of(2).starts_with("las ")
            );
            assert!(of(2).ends_with('s'), "{}", other.text);
            others.insert(other.text);
        }
        assert!(others.len() > 50 && others.contains(&text.text), "{}", others.len());
    }

    #[test]
    fn a_person_keeps_the_name_and_everything_its_place() {
        let line = r#"{"id":"t","lang":"es","text":"Ana vio a Luis; Ana lo saludó.","mentions":[
            {"span":[0,3],"head":0,"chain":1},{"span":[10,14],"head":10,"chain":2},
            {"span":[16,19],"head":16,"chain":1},{"span":[20,22],"anaphor":true,"chain":2}]}"#;
        let text: AnnotatedText = serde_json::from_str(line).unwrap();
        let other = written().with_other_words(&text, &mut Random::new(3, 3));
        let of = |idx: usize| other.mentions[idx].span.slice(&other.text).unwrap();
        assert_eq!(of(0), of(2));
        assert_ne!(of(0), "Ana");
        assert_eq!(of(3), "lo");
        assert_eq!(other.text, format!("{} vio a {}; {} lo saludó.", of(0), of(1), of(0)));
    }
}
