//! Winogender: names that say what is in the sentence.

use super::*;

const HEADER: &str = "sentid\tsentence";

fn one(row: &str) -> Example {
    let records = records(Set::Winogender, "all.tsv", &format!("{HEADER}\n{row}\n"));
    records[0].example().unwrap().clone()
}

fn about(row: &str) -> String {
    complaint(Set::Winogender, "all.tsv", &format!("{HEADER}\n{row}\n"))
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
    let expected = "expected occupation.participant.0.gender.txt, or with 1";
    for name in ["pilot.guest.2.male.txt", "pilot.guest.male.txt", "pilot.guest.0.male", ""] {
        assert_eq!(
            about(&format!("{name}\tThe guest saw the pilot and his dog.")),
            format!("all.tsv:2: column 1, sentid: found {name:?}, {expected}")
        );
    }
    assert_eq!(
        about("pilot.guest.0.other.txt\tThe guest saw the pilot and his dog."),
        "all.tsv:2: column 1, sentid: found \"pilot.guest.0.other.txt\", expected male, female \
         or neutral as the gender"
    );
}

#[test]
fn a_sentence_without_what_its_name_says_is_refused() {
    let about = |sentence: &str| about(&format!("pilot.guest.0.male.txt\t{sentence}"));
    let place = "all.tsv:2: column 2, sentence: found";
    assert_eq!(
        about("The guest and his dog."),
        format!("{place} pilot 0 times, expected it exactly once")
    );
    assert_eq!(
        about("The guest saw the pilot, a guest, and his dog."),
        format!("{place} guest 2 times, expected it exactly once")
    );
    assert_eq!(
        about("The guest saw the pilot and her dog."),
        format!("{place} he or him or his 0 times, expected it exactly once")
    );
}

#[test]
fn another_table_is_refused() {
    let content = "occupation(0)\tother-participant(1)\tanswer\tsentence\n";
    assert_eq!(
        complaint(Set::Winogender, "templates.tsv", content),
        "templates.tsv:1: columns: found 4, expected 2, separated by tabs"
    );
}
