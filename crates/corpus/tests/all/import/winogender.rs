//! Winogender: names of sentences from which the answer is read.

use super::*;

const HEADER: &str = "sentid\tsentence";

fn one(row: &str) -> Example {
    let records = records(Set::Winogender, "all.tsv", &format!("{HEADER}\n{row}\n"));
    records[0].example().unwrap().clone()
}

fn about(row: &str) -> ImportError {
    error(Set::Winogender, "all.tsv", &format!("{HEADER}\n{row}\n"))
}

#[test]
fn the_answer_of_the_name_is_an_index_in_the_order_of_the_text() {
    let example = one("pilot.guest.0.male.txt\tThe guest thanked the pilot for his help.");
    assert_eq!(spans(&example), ("his", vec!["guest", "pilot"], Some("pilot")));
    assert_eq!(example.id, "winogender-pilot.guest.0.male");
    assert_eq!(example.phenomenon, "winogender-male");
    assert_eq!(example.pair.as_deref(), Some("winogender-pilot.guest.male"));
    let example = one("pilot.someone.1.neutral.txt\tSomeone told the pilot that they slept.");
    assert_eq!(spans(&example), ("they", vec!["Someone", "pilot"], Some("Someone")));
    let example = one("pilot.guest.0.female.txt\tThe pilot told the guest that she flew.");
    assert_eq!(spans(&example), ("she", vec!["pilot", "guest"], Some("pilot")));
}

#[test]
fn a_name_that_says_something_else_is_refused() {
    let names = ["pilot.guest.2.male.txt", "pilot.guest.male.txt", "pilot.guest.0.male", ""];
    for name in names.into_iter().chain(["pilot.guest.0.other.txt"]) {
        let error = about(&format!("{name}\tThe guest saw the pilot and his dog."));
        check_malformed(&error, 2, ["column 1, sentid", &format!("{name:?}")]);
    }
}

#[test]
fn a_sentence_without_what_its_name_says_is_refused() {
    let refused = |sentence: &str, found: &str| {
        let error = about(&format!("pilot.guest.0.male.txt\t{sentence}"));
        check_malformed(&error, 2, ["column 2, sentence", found]);
    };
    refused("The guest and his dog.", "pilot 0 times");
    refused("The guest saw the pilot, a guest, and his dog.", "guest 2 times");
    refused("The guest saw the pilot and her dog.", "he or him or his 0 times");
}

#[test]
fn another_table_is_refused() {
    let content = "occupation(0)\tother-participant(1)\tanswer\tsentence\n";
    check_malformed(&error(Set::Winogender, "templates.tsv", content), 1, ["columns", "4"]);
}
