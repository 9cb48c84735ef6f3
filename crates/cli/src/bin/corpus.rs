//! Makes, imports, converts, checks and describes files of examples: `cargo run --bin corpus`.

use std::{
    collections::HashMap,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use cli::{
    arguments,
    exit::{Usage, exit_with, message},
    import,
    split::split_argument,
    stderr::print_line,
    table::align,
};
use corpus::{
    bundled,
    example::{Example, Language},
    generator::Generator,
    grammar::Grammar,
    heuristics::{Heuristic, accuracy, accuracy_of, chance},
    import::{Set, window::Limit},
    jsonl,
    learned::LearnedBaselines,
    markup,
    split::Split,
    tokenizer::Tokenizer,
};
use files::atomic::write_output;

/// Make, import, convert, check and describe files of examples.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Let the grammar write examples, each text once
    Generate {
        /// A language, es or en; may be repeated [default: both in turns]
        #[arg(long = "lang", value_name = "LANG", value_parser = language)]
        languages: Vec<Language>,
        /// What they are for: train, validation, in-distribution, new-words, new-patterns, longer,
        /// more-candidates or rough-text
        #[arg(long, value_name = "SPLIT", default_value = "train", value_parser = split_argument(&Split::ALL))]
        split: Split,
        /// The same seed gives the same examples
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// How many examples; two neighbours are a minimal pair
        #[arg(long, value_name = "N", default_value_t = 1000)]
        count: usize,
        /// A new file [default: stdout]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Turn files of a public set into examples; data/README.md says what each becomes
    ///
    /// Examples go to stdout or a new file. On stderr stand every record that was cut to whole
    /// sentences around its pronoun and candidates, every one that was skipped with the reason, and
    /// the counts. A file that is not what it should be is refused before anything is written.
    Import {
        /// The set
        set: SetName,
        /// Its files: GAP and Winogender .tsv, WinoBias pro_stereotyped_type1.txt.dev and alike,
        /// LitBank .ann with the .txt beside it, ctxpro .json
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// The most words that a text may have, signs counted too
        #[arg(long, value_name = "N", default_value_t = 256)]
        window: usize,
        /// Count the tokens of this tokenizer.json instead: with that of a run and its max_seq as
        /// --window, every text fits its model
        #[arg(long, value_name = "FILE")]
        tokenizer: Option<PathBuf>,
        /// A new file [default: stdout]
        #[arg(long, visible_alias = "output", value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Turn texts whose anaphors and phrases are marked in place into JSONL
    ///
    /// One text a line, as in data/natural/es/train.txt: `[1:*Ana] vio a [2:el *gato] y {2:lo} llamó.`
    /// data/README.md explains the marks. The JSONL can be trained with (data.train) and
    /// evaluated (--data).
    Convert {
        /// The language of the texts, es or en
        #[arg(long = "lang", value_name = "LANG", value_parser = language)]
        language: Language,
        /// Marked texts
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// A new file [default: stdout]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Read files completely; count their examples, or say what is wrong and where
    Check {
        /// Examples in JSONL
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Show what chance gets right, and answers by position, by frequency, and by the words alone
    Stats {
        /// Examples in JSONL [default: the test files that come with the program]
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// The names of the public sets on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SetName {
    /// Wikipedia, two names and a pronoun each.
    Gap,
    /// Two occupations, one of them a stereotype of the pronoun's gender.
    Winobias,
    /// An occupation, a participant, a pronoun of three genders.
    Winogender,
    /// English fiction with chains of coreference.
    Litbank,
    /// Spanish subtitles, annotated automatically.
    Ctxpro,
}

impl From<SetName> for Set {
    fn from(name: SetName) -> Self {
        match name {
            SetName::Gap => Self::Gap,
            SetName::Winobias => Self::WinoBias,
            SetName::Winogender => Self::Winogender,
            SetName::Litbank => Self::LitBank,
            SetName::Ctxpro => Self::CtxPro,
        }
    }
}

fn language(code: &str) -> Result<Language, &'static str> {
    let known = Language::ALL.into_iter().find(|language| language.code() == code);
    known.ok_or("expected es or en")
}

fn main() -> ExitCode {
    let Arguments { command } = arguments::parse("corpus");
    exit_with(|| match command {
        Command::Generate { mut languages, split, seed, count, out } => {
            if languages.is_empty() {
                languages = Language::ALL.to_vec();
            }
            let generator = Generator::new(Grammar::embedded()?, &languages, seed, split)?;
            generate(&generator, count, out.as_deref())
        }
        Command::Import { set, files, window, tokenizer, out } => {
            let tokenizer = tokenizer.as_deref().map(Tokenizer::load).transpose()?;
            let limit = Limit { length: window, tokenizer: tokenizer.as_ref() };
            import_set(set.into(), &files, &limit, out.as_deref())
        }
        Command::Convert { language, files, out } => convert(language, &files, out.as_deref()),
        Command::Check { files } => check(&files),
        Command::Stats { files } => stats(&files),
    })
}

fn generate(generator: &Generator, count: usize, out: Option<&Path>) -> anyhow::Result<ExitCode> {
    let examples = generator.distinct_pairs().flatten().take(count);
    refuse_old(out)?;
    match out {
        Some(path) => jsonl::write(path, &examples.collect::<Vec<_>>())?,
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            for example in examples {
                jsonl::write_to(&mut out, &[example])?;
            }
            out.flush()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn import_set(
    set: Set,
    files: &[PathBuf],
    limit: &Limit<'_>,
    out: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    refuse_old(out)?;
    let imported = corpus::import::import(set, files, limit)?;
    import::report(&imported);
    let examples = import::examples(imported);
    anyhow::ensure!(!examples.is_empty(), "no example is left: every record was skipped");
    match out {
        Some(path) => jsonl::write(path, &examples)?,
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            jsonl::write_to(&mut out, &examples)?;
            out.flush()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn convert(language: Language, files: &[PathBuf], out: Option<&Path>) -> anyhow::Result<ExitCode> {
    refuse_old(out)?;
    let mut lines = Vec::new();
    for path in files {
        let marked = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let texts = markup::read(&marked, language, &name)
            .map_err(|error| anyhow::anyhow!("{}:{error}", path.display()))?;
        anyhow::ensure!(
            !texts.is_empty(),
            "{}: found no text, expected one a line",
            path.display()
        );
        for text in texts {
            serde_json::to_writer(&mut lines, &text)?;
            lines.push(b'\n');
        }
    }
    match out {
        Some(path) => write_output(path, &lines)
            .with_context(|| format!("cannot write {}", path.display()))?,
        None => io::stdout().lock().write_all(&lines)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens the output: a new file, or stdout. An existing file is never overwritten.
fn refuse_old(out: Option<&Path>) -> Result<(), Usage> {
    match out {
        Some(path) if path.exists() => {
            let hint = "hint: remove it, or take another --out";
            Err(Usage(format!("{} exists already\n{hint}", path.display())))
        }
        _ => Ok(()),
    }
}

/// Checks every file, also after one that is wrong.
fn check(files: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for path in files {
        let contents = match jsonl::read_contents(path) {
            Ok(contents) => contents,
            Err(error) => {
                print_line(format_args!("error: {}", message(&error)));
                code = ExitCode::FAILURE;
                continue;
            }
        };
        for notice in &contents.notices {
            print_line(format_args!("{notice}"));
        }
        let examples = contents.into_examples();
        let mut rows = vec![header(&["examples"])];
        rows.extend(groups(&examples).into_iter().map(|Group { mut names, examples }| {
            names.push(examples.len().to_string());
            names
        }));
        write!(io::stdout(), "{}\n{}", path.display(), align(&rows, N_NAMES))?;
    }
    Ok(code)
}

fn stats(files: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let mut tables = Vec::new();
    if files.is_empty() {
        for split in Split::TESTS {
            let examples = Language::ALL.into_iter();
            let examples = examples.flat_map(|language| bundled::test_examples(split, language));
            tables.push((split.name().to_owned(), examples.collect::<Vec<_>>()));
        }
    }
    for path in files {
        tables.push((path.display().to_string(), jsonl::read(path)?));
    }
    let mut learned = HashMap::new();
    for language in Language::ALL {
        learned.insert(language, LearnedBaselines::new(Grammar::embedded()?, language)?);
    }
    let tables: Vec<String> = (tables.iter())
        .map(|(title, examples)| {
            format!("{title}\n{}", align(&balance(examples, &learned), N_NAMES))
        })
        .collect();
    write!(io::stdout(), "{}", tables.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The accuracy of chance and of the heuristics on each group of examples.
fn balance(
    examples: &[Example],
    learned: &HashMap<Language, LearnedBaselines>,
) -> Vec<Vec<String>> {
    let mut rows = vec![header(&["examples", "none", "chance"])];
    rows[0].extend(Heuristic::ALL.map(|heuristic| heuristic.name().to_owned()));
    rows[0].extend(["frequent", "words"].map(str::to_owned));
    for Group { names, examples } in groups(examples) {
        let all = || examples.iter().copied();
        let n_none = all().filter(|example| example.antecedent.is_none()).count();
        let none = n_none as f64 / examples.len() as f64;
        let frequent = accuracy_of(|example| learned[&example.lang].most_frequent(example), all());
        let words = accuracy_of(|example| learned[&example.lang].bag_of_words(example), all());
        let shares = [none, chance(all())].into_iter();
        let shares = shares.chain(Heuristic::ALL.map(|heuristic| accuracy(heuristic, all())));
        let shares = shares.chain([frequent, words]);
        let cells = shares.map(|share| format!("{:.1} %", 100.0 * share));
        rows.push(names.into_iter().chain([examples.len().to_string()]).chain(cells).collect());
    }
    rows
}

/// A group of examples, with its language and phenomenon.
struct Group<'a> {
    names: Vec<String>,
    examples: Vec<&'a Example>,
}

const N_NAMES: usize = 2;

fn header(columns: &[&str]) -> Vec<String> {
    ["language", "phenomenon"].iter().chain(columns).map(|&name| name.to_owned()).collect()
}

/// The groups: all examples of each language, then each phenomenon, in order of first appearance.
fn groups(examples: &[Example]) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    for language in Language::ALL {
        let spoken: Vec<&Example> =
            examples.iter().filter(|example| example.lang == language).collect();
        let mut phenomena: Vec<&str> = Vec::new();
        for example in &spoken {
            if !phenomena.contains(&example.phenomenon.as_str()) {
                phenomena.push(&example.phenomenon);
            }
        }
        let names = |phenomenon: &str| vec![language.code().to_owned(), phenomenon.to_owned()];
        if !spoken.is_empty() {
            groups.push(Group { names: names("all"), examples: spoken.clone() });
        }
        groups.extend(phenomena.into_iter().map(|phenomenon| {
            let shows = |example: &&&Example| example.phenomenon == phenomenon;
            let examples = spoken.iter().filter(shows).copied().collect();
            Group { names: names(phenomenon), examples }
        }));
    }
    groups
}
