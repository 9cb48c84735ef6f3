use proptest::{collection::vec, prelude::*};

use super::*;

/// One text: whether each of its `seq` positions is padding.
fn text(seq: usize) -> impl Strategy<Value = Vec<bool>> {
    prop_oneof![
        Just(vec![false; seq]),
        Just(vec![true; seq]),
        (0..=seq).prop_map(move |length| (0..seq).map(|i| i >= length).collect()),
        vec(any::<bool>(), seq),
    ]
}

/// Texts of one width, many of them short or few of them long.
fn texts() -> impl Strategy<Value = (usize, Vec<Vec<bool>>)> {
    let sizes = prop_oneof![(1..=40_usize, 0..=40_usize), (100..=700_usize, 0..=6_usize)];
    sizes.prop_flat_map(|(seq, batch)| (Just(seq), vec(text(seq), batch)))
}

/// Asserts that the ranges follow each other without a gap, from 0 to `end`, none of them empty.
fn assert_partition(ranges: &[Range<usize>], end: usize) {
    let mut next = 0;
    for range in ranges {
        assert_eq!(range.start, next);
        assert!(range.end > range.start);
        next = range.end;
    }
    assert_eq!(next, end);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn packed_rows_are_the_positions_that_are_not_padding((seq, texts) in texts()) {
        let rows = PackedRows::new(&texts.concat(), seq);
        prop_assert_eq!(rows.n_texts(), texts.len());
        prop_assert_eq!(rows.n_padded(), texts.len() * seq);
        prop_assert_eq!(rows.seq(), seq);
        let mut indices = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let present: Vec<usize> = (0..seq).filter(|&position| !text[position]).collect();
            let positions: Vec<usize> =
                rows.positions(number).iter().map(|&position| position as usize).collect();
            prop_assert_eq!(&positions, &present);
            let (one, before) = (number..number + 1, indices.len());
            prop_assert_eq!(rows.packed(&one), before..before + present.len());
            prop_assert_eq!(rows.padded(&one), number * seq..(number + 1) * seq);
            indices.extend(present.iter().map(|position| number * seq + position));
        }
        prop_assert_eq!(rows.padded_indices(&(0..texts.len())).collect::<Vec<_>>(), indices);
    }

    #[test]
    fn parts_divide_the_texts_in_order((seq, texts) in texts(), n in 1..=9_usize) {
        let rows = PackedRows::new(&texts.concat(), seq);
        let parts = rows.parts(n);
        prop_assert!(parts.len() <= n);
        assert_partition(&parts, texts.len());
        prop_assert_eq!(parts, rows.parts(n));
    }

    #[test]
    fn equal_texts_are_divided_equally(batch in 1..=60_usize, seq in 1..=20_usize, n in 1..=9_usize) {
        let parts = PackedRows::new(&vec![false; batch * seq], seq).parts(n);
        prop_assert_eq!(parts.len(), n.min(batch));
        for part in parts {
            prop_assert!((batch / n..=batch.div_ceil(n)).contains(&part.len()), "{:?}", part);
        }
    }

    #[test]
    fn chunks_are_whole_texts_of_limited_size((seq, texts) in texts(), n in 1..=4_usize) {
        let rows = PackedRows::new(&texts.concat(), seq);
        for part in rows.parts(n) {
            let mut seen = Vec::new();
            let mut end = part.start;
            for chunk in rows.chunks(&part, 1) {
                prop_assert!(chunk.start >= end && chunk.end <= part.end);
                end = chunk.end;
                let present = chunk.clone().filter(|&text| !rows.positions(text).is_empty());
                let before = seen.len();
                seen.extend(present);
                prop_assert!(seen.len() > before, "an empty chunk");
                prop_assert!(rows.packed(&chunk).len() <= CHUNK_ROWS || seen.len() == before + 1);
            }
            let present = part.filter(|&text| !rows.positions(text).is_empty());
            prop_assert_eq!(seen, present.collect::<Vec<_>>());
        }
    }

    #[test]
    fn runs_are_the_padded_indices_in_as_few_ranges_as_possible((seq, texts) in texts(), n in 1..=4_usize) {
        let rows = PackedRows::new(&texts.concat(), seq);
        for part in rows.parts(n) {
            let runs = rows.runs(&part);
            let indices: Vec<usize> = rows.padded_indices(&part).collect();
            let [mut packed, mut padded] = [Vec::new(), Vec::new()];
            let first = rows.padded(&part).start;
            for run in &runs {
                packed.extend(run.packed(1));
                padded.extend(run.padded(first, 1).map(|index| first + index));
                // Of a wider matrix it takes the same rows.
                let [narrow, wide] = [1, 3].map(|width| (run.packed(width), run.padded(first, width)));
                prop_assert_eq!(wide.0, narrow.0.start * 3..narrow.0.end * 3);
                prop_assert_eq!(wide.1, narrow.1.start * 3..narrow.1.end * 3);
            }
            prop_assert_eq!(packed, (0..indices.len()).collect::<Vec<_>>());
            prop_assert_eq!(padded, indices);
            for (run, next) in runs.iter().zip(runs.iter().skip(1)) {
                prop_assert!(run.padded + run.n < next.padded, "two runs could be one");
            }
        }
    }
}

#[test]
fn a_slice_is_split_from_its_start() {
    let mut values = [1.0, 2.0, 3.0];
    let mut rest = &mut values[..];
    assert_eq!(split_off(&mut rest, 2), [1.0, 2.0]);
    assert_eq!(split_off(&mut rest, 0), [0.0; 0]);
    assert_eq!(rest, [3.0]);
}
