//! WinoBias: lines with brackets, and file names from which the phenomenon is read.

use super::*;

const NAME: &str = "pro_stereotyped_type1.txt.dev";

fn one(line: &str) -> Record {
    records(Set::WinoBias, NAME, line).remove(0)
}

fn about(line: &str) -> ImportError {
    error(Set::WinoBias, NAME, &format!("{line}\n"))
}

#[test]
fn the_candidates_are_the_occupations_of_the_sentence() {
    let record = one("3 The tailor thanked [the construction worker] because [he] was kind.");
    let example = record.example().unwrap();
    let expected = ("he", vec!["tailor", "construction worker"], Some("construction worker"));
    assert_eq!(spans(example), expected);
    assert_eq!(example.text, "The tailor thanked the construction worker because he was kind.");
    assert_eq!(example.id, "winobias-type1-pro-dev-3");
    assert_eq!(example.pair.as_deref(), Some("winobias-type1-pro-dev-2"));
    assert_eq!(example.phenomenon, "winobias-type1-pro");
}

#[test]
fn of_several_marked_pronouns_the_first_is_asked_and_of_repeated_occupations_the_first_counts() {
    let line = "1 [The CEO] told the cook that [ she ] fired [her] cook and a baker's friend.";
    let example = one(line).example().unwrap().clone();
    assert_eq!(spans(&example), ("she", vec!["CEO", "cook", "baker"], Some("CEO")));
    assert_eq!(example.candidates[1].start, 17);
}

#[test]
fn both_lines_of_a_couple_share_their_pair() {
    let content =
        "1 [The guard] saw the chief as [she] left.\n2 The guard saw [the chief] as [he] left.\n";
    let records = records(Set::WinoBias, "anti_stereotyped_type2.txt.test", content);
    let pairs: Vec<_> =
        records.iter().map(|r| r.example().unwrap().pair.clone().unwrap()).collect();
    assert_eq!(pairs, ["winobias-type2-anti-test-1", "winobias-type2-anti-test-1"]);
}

#[test]
fn a_sentence_with_one_known_occupation_is_skipped() {
    let record = one("7 [The guard] saw the wizard as [he] left.");
    assert_eq!(
        (skip(&record).reason, skip(&record).detail.as_str()),
        ("one known occupation", "found only \"guard\"")
    );
    assert_eq!(record.id, "winobias-type1-pro-dev-7");
}

#[test]
fn a_sentence_above_the_limit_is_skipped() {
    let limit = Limit { length: 5, tokenizer: None };
    let content = "1 [The guard] saw the chief as [she] left.";
    let records = import_files(Set::WinoBias, &[(NAME, content)], &limit).unwrap();
    assert_eq!(
        (skip(&records[0]).reason, skip(&records[0]).detail.as_str()),
        ("too long", "9 words, at most 5 fit")
    );
}

#[test]
fn a_file_of_another_name_is_refused() {
    for name in ["x.txt", "pro_stereotyped_type3.txt.dev", "con_stereotyped_type1.txt.dev"] {
        let ImportError::Name { path, .. } = error(Set::WinoBias, name, "1 a") else {
            panic!("{name}");
        };
        assert!(path.ends_with(name), "{}", path.display());
    }
}

#[test]
fn a_line_that_is_wrong_is_refused() {
    let cases = [
        ("[The guard] saw [him].", ["number", "[The"]),
        ("0 [The guard] saw [him].", ["number", "0"]),
        ("1 [The guard saw [him].", ["column 18", "["]),
        ("1 The guard] saw [him].", ["column 12", "]"]),
        ("1 [The guard] saw [him.", ["sentence", "end of the line"]),
        ("1 [The guard] saw [ ].", ["column 21", "]"]),
        ("1 [The guard] saw him.", ["sentence", "1 and 0"]),
        ("1 [The guard] saw [the chief] as [he] left.", ["sentence", "2 and 1"]),
        ("1 [The wizard] saw the chief as [he] left.", ["sentence", "The wizard"]),
        ("1", ["sentence", "0 and 0"]),
    ];
    for (line, words) in cases {
        check_malformed(&about(line), 1, words);
    }
    assert!(matches!(about("\n \n"), ImportError::Empty { .. }));
}
