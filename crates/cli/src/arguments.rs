//! Parses the command line of every program, and generates shell completions and a manual page from
//! its definition.

use std::{
    ffi::OsString,
    io::{self, Write},
    process::{self, ExitCode},
};

use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command, Parser, value_parser};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::exit::exit_with;

const COMPLETIONS: &str = "completions";
const MAN: &str = "man";

/// Parses the arguments of `program`. `--completions` and `--man` print and exit, as `--help` does.
pub fn parse<A: Parser>(program: &'static str) -> A {
    parse_from(program, std::env::args_os())
}

/// The same with these arguments, of which the first is the program.
pub fn parse_from<A: Parser>(
    program: &'static str,
    arguments: impl IntoIterator<Item = OsString>,
) -> A {
    let command = complete(A::command().name(program));
    let mut matches = command.clone().get_matches_from(arguments);
    if let Some(text) = generated(command, &matches) {
        let written = io::stdout().write_all(&text).context("cannot write to stdout");
        let code = exit_with(|| written.map(|()| ExitCode::SUCCESS));
        process::exit(if code == ExitCode::SUCCESS { 0 } else { 1 });
    }
    A::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit())
}

/// Arguments in which a text that begins with a hyphen, as dialogues do, is no option: texts have spaces,
/// options have none before their `=`. They go to the end, behind `--`.
pub fn texts_last(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let is_text = |argument: &OsString| {
        let argument = argument.to_string_lossy();
        let space = argument.find(char::is_whitespace);
        argument.starts_with('-') && space.is_some_and(|at| !argument[..at].contains('='))
    };
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.iter().any(|argument| argument == "--") {
        return arguments;
    }
    let (texts, mut others): (Vec<OsString>, Vec<OsString>) =
        arguments.into_iter().partition(is_text);
    if !texts.is_empty() {
        others.push("--".into());
        others.extend(texts);
    }
    others
}

/// Adds the arguments `--completions` and `--man`, which every program has.
fn complete(command: Command) -> Command {
    let completions = Arg::new(COMPLETIONS)
        .long(COMPLETIONS)
        .value_name("SHELL")
        .value_parser(value_parser!(Shell))
        .exclusive(true)
        .help("Print completions for a shell, to be put where it looks for them");
    let man = Arg::new(MAN)
        .long(MAN)
        .action(ArgAction::SetTrue)
        .exclusive(true)
        .help("Print the manual page, for `man -l -`");
    // Otherwise clap requires a subcommand even beside an exclusive argument. Without arguments it
    // still shows the help.
    command.subcommand_required(false).arg(completions).arg(man)
}

fn generated(mut command: Command, matches: &ArgMatches) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    if let Some(&shell) = matches.get_one::<Shell>(COMPLETIONS) {
        let name = command.get_name().to_owned();
        clap_complete::generate(shell, &mut command, name, &mut text);
        return Some(text);
    }
    matches.get_flag(MAN).then(|| manual(command).expect("writing to memory cannot fail"))
}

/// The manual page, with a section for each subcommand.
fn manual(mut command: Command) -> io::Result<Vec<u8>> {
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    usage(&man, &mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let mut sections = Vec::new();
        usage(&Man::new(sub.clone()), &mut sections)?;
        let name = sub.get_bin_name().unwrap_or_else(|| sub.get_name()).to_uppercase();
        let sections = String::from_utf8_lossy(&sections).replace("\n.SH ", "\n.SS ");
        write!(page, ".SH \"{name}\"\n{sections}")?;
    }
    man.render_version_section(&mut page)?;
    Ok(page)
}

fn usage(man: &Man, page: &mut Vec<u8>) -> io::Result<()> {
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_begins_with_a_hyphen_goes_behind_all_options() {
        let last = |arguments: &[&str]| -> Vec<String> {
            let arguments = arguments.iter().map(OsString::from);
            texts_last(arguments).into_iter().map(|a| a.into_string().unwrap()).collect()
        };
        let expected = ["resolve", "run", "--json", "--", "-Hola, dijo él."];
        assert_eq!(last(&["resolve", "run", "-Hola, dijo él.", "--json"]), expected);
        for untouched in [
            &["resolve", "run", "--", "-Hola, dijo él."][..],
            &["resolve", "--svg=my picture.svg", "-x", "Ana - dijo él"],
        ] {
            assert_eq!(last(untouched), untouched);
        }
    }
}
