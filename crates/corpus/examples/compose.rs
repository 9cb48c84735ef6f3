//! Prints composed texts with their anaphors, or examples, or times them:
//! `compose LANGUAGE COUNT [SEED] [--jsonl|--time]`.

use std::error::Error;
use std::io::{Write, stdout};
use std::time::Instant;

use anafora_corpus::composition::Composition;
use anafora_corpus::example::Language;
use anafora_corpus::split::Split;

fn main() {
    if let Err(error) = run() {
        let _ = writeln!(std::io::stderr(), "{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let language = match arguments.first().map(String::as_str) {
        Some("es") => Language::Es,
        Some("en") => Language::En,
        _ => return Err("expected: compose es|en COUNT [SEED] [--jsonl|--time]".into()),
    };
    let count: u64 = arguments.get(1).ok_or("expected a count")?.parse()?;
    let seed: u64 = arguments.get(2).map_or(Ok(1), |seed| seed.parse())?;
    let composition = Composition::embedded()?;
    let mut out = stdout();
    if arguments.iter().any(|argument| argument == "--time") {
        let started = Instant::now();
        let n: usize = (0..count)
            .map(|index| {
                composition.examples(language, seed, Split::Train, index).examples[0].text.len()
            })
            .sum();
        let seconds = started.elapsed().as_secs_f64();
        writeln!(
            out,
            "{:.0} texts/s, {} characters each",
            count as f64 / seconds,
            n / count as usize
        )?;
        return Ok(());
    }
    if arguments.iter().any(|argument| argument == "--jsonl") {
        let examples = |index| composition.examples(language, seed, Split::Train, index).examples;
        let examples: Vec<_> = (0..count).flat_map(examples).collect();
        return Ok(anafora_corpus::jsonl::write_to(&mut out, &examples)?);
    }
    for index in 0..count {
        let text = composition.text(language, seed, Split::Train, index);
        writeln!(out, "{}", text.text)?;
        for anaphor in &text.anaphors {
            let span = anaphor.span.slice(&text.text).unwrap_or_default();
            let answer = anaphor
                .antecedent
                .map_or("-", |idx| text.mentions[idx].head.slice(&text.text).unwrap_or_default());
            writeln!(out, "    {span} ({:?}, {:?}) -> {answer}", anaphor.kind, anaphor.decision)?;
        }
    }
    Ok(())
}
