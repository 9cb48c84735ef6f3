//! scratch
use corpus::{example::Language, generator::Generator, grammar::Grammar, split::Split};
#[test]
fn dump() {
    let g = Grammar::embedded().unwrap_or_else(|e| panic!("{e}"));
    let n: u64 = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(120);
    let seed: u64 = std::env::var("SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    for lang in
        Language::ALL.into_iter().filter(|l| std::env::var("L").is_ok_and(|c| c == l.code()))
    {
        let generator = Generator::new(g.clone(), &[lang], seed, Split::Train).unwrap();
        for e in (0..n).map(|i| generator.example(i * 25 + i % 2)) {
            let p = e.pronoun.slice(&e.text).unwrap();
            let c: Vec<_> = e.candidates.iter().map(|c| c.slice(&e.text).unwrap()).collect();
            eprintln!("{:22} {}  [{p} -> {:?}] {c:?}", e.id, e.text, e.antecedent.map(|a| c[a]));
        }
        let t = std::time::Instant::now();
        let mut chars = 0;
        for e in generator.examples(0).take(100_000) {
            chars += e.text.len();
        }
        eprintln!("train {lang:?}: {:.0}/s {chars}", 100_000.0 / t.elapsed().as_secs_f64());
        let generator = Generator::new(g.clone(), &[lang], seed, Split::Test).unwrap();
        let t = std::time::Instant::now();
        let n = generator.examples(0).take(2000).count();
        eprintln!("test {lang:?}: {n} in {:?}", t.elapsed());
    }
}
