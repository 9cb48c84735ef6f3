//! Correct files with random changes are refused by name, or their examples are valid.

use anafora_corpus::jsonl::validate;
use proptest::prelude::*;

use super::*;

/// A correct file of each data set, and for LitBank the text that goes with it.
fn files() -> [(Set, Vec<(&'static str, String)>); 5] {
    let gap = "ID\tText\tPronoun\tPronoun-offset\tA\tA-offset\tA-coref\tB\tB-offset\tB-coref\tURL\n\
               dev-1\tZoë met Ann Lee. \"Hi!\" She smiled.\tShe\t23\tZoë\t0\tTRUE\tAnn Lee\t8\tFALSE\turl\n";
    let winobias = "1 [The CEO] told the cook that [ she ] fired [her] baker's friend.\r\n";
    let winogender =
        "sentid\tsentence\npilot.guest.0.male.txt\tThe guest thanked the pilot for his help.\n";
    let text = "Anna met the man .\nShe saw him .\n";
    let annotations = "T1\tPROP_PER 0 4\tAnna\nT2\tAnna-1 0 4\tAnna\nT3\tNOM_PER 9 16\tthe man\n\
                       T4\tman-2 9 16\tthe man\nT5\tPRON_PER 19 22\tShe\nT6\tAnna-1 19 22\tShe\n";
    let object = |distance: usize| {
        format!(
            r#"{{"expected":"la","ante distance":{distance},"ref ante head":"taza","ref ante head lemma":"jarra","ref ante phrase":"la taza","ref segment":"No la vio.","ref ante segment":"La taza y la jarra.","segment id":7,"document id":"a/b","rule":"ACC.FEM.SING"}}"#
        )
    };
    [
        (Set::Gap, vec![("gap.tsv", gap.to_owned())]),
        (Set::WinoBias, vec![("pro_stereotyped_type1.txt.dev", winobias.to_owned())]),
        (Set::Winogender, vec![("all.tsv", winogender.to_owned())]),
        (Set::LitBank, vec![("b.ann", annotations.to_owned()), ("b.txt", text.to_owned())]),
        (Set::CtxPro, vec![("es.json", format!("[{},\n{}]\n", object(1), object(0)))]),
    ]
}

#[test]
fn the_files_are_good_as_they_are() {
    for (set, files) in files() {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        let records = import_files(set, &files, &LONG).unwrap();
        assert!(records.iter().any(|record| record.example().is_some()), "{set:?}");
    }
}

#[test]
fn a_line_or_a_file_that_is_too_long_is_refused() {
    let long = format!("1 {}\n", "x".repeat(70_000));
    let refused = error(Set::WinoBias, "pro_stereotyped_type1.txt.dev", &long);
    check_malformed(&refused, 1, ["line", "70002 bytes"]);
    let empty_lines = "\n".repeat(1 << 21);
    for files in
        [[("b.ann", ""), ("b.txt", &*empty_lines)], [("b.ann", &empty_lines), ("b.txt", "")]]
    {
        let refused = import_files(Set::LitBank, &files, &LONG).unwrap_err();
        let too_long = files.iter().find(|(_, text)| !text.is_empty()).unwrap().0;
        let ImportError::Io { path, .. } = refused else { panic!("{refused}") };
        assert!(path.ends_with(too_long), "{}", path.display());
    }
}

proptest! {
    #[test]
    fn a_file_with_anything_in_it_is_refused_or_its_examples_are_valid(
        which in 0..5_usize,
        in_text in any::<bool>(),
        cut in any::<[prop::sample::Index; 2]>(),
        new in "([0-9]{1,20}|\\PC{0,3}|\t|\n|\r|\u{301}|\0|\"|\\[|\\]|\u{feff}| ){0,2}",
        length in 1..40_usize,
    ) {
        let (set, mut files) = files()[which].clone();
        let text = &mut files[usize::from(in_text && which == 3)].1;
        // Up to seven bytes are replaced.
        let mut from = cut[0].index(text.len());
        let mut to = (from + cut[1].index(8)).min(text.len());
        while !text.is_char_boundary(from) { from -= 1; }
        while !text.is_char_boundary(to) { to += 1; }
        text.replace_range(from..to, &new);
        let limit = Limit { length, tokenizer: None };
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        match import_files(set, &files, &limit) {
            Ok(records) => {
                for example in records.iter().filter_map(Record::example) {
                    prop_assert_eq!(validate(example), Ok(()));
                }
            }
            Err(error) => {
                let message = error.to_string();
                prop_assert!(message.contains(files[0].0) || message.contains("b.txt"), "{}", message);
            }
        }
    }
}
