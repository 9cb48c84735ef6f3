//! Bundles the page's JavaScript modules into two scripts: `main.js`, which draws what is seen first,
//! and `later.js`, with the rest. Each comes after all modules that it imports, those after their own
//! imports, without the `import` lines, the word `export`, and lines of comment. The
//! second script does not repeat the modules of the first, whose names it sees.
//!
//! This works because the page's modules follow three rules: they import names only, each import is
//! on one line, and no two modules declare the same name at top level. A module that breaks a rule
//! is an error.

use std::collections::{BTreeMap, BTreeSet};

/// The module at which the page starts.
pub const MAIN: &str = "main.js";
/// The module with what the page can open without.
pub const LATER: &str = "later.js";

/// The modules cannot be bundled. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum BundleError {
    /// A module imports a file that does not exist.
    #[error("{from}: imports {found:?}, expected a file of the page")]
    Missing { from: String, found: String },
    /// An import or export is written in a way that the bundler does not support.
    #[error(
        "{file}:{line}: {found:?}, expected `import {{ name }} from \"./file.js\";` or `export` before function, class, const or let"
    )]
    Line { file: String, line: usize, found: String },
    /// A module imports a name that the other module does not export.
    #[error("{from}: imports {name} of {file}, which does not export it")]
    NotExported { from: String, name: String, file: String },
    /// Two modules declare the same name at top level.
    #[error("{name} stands at the top of {first} and of {second}, expected one of them")]
    Twice { name: String, first: String, second: String },
}

/// A parsed module.
struct Module {
    name: String,
    /// The imported names, and the module that they come from.
    imports: Vec<(Vec<String>, String)>,
    exports: BTreeSet<String>,
    /// The names that it declares at top level.
    top_level: BTreeSet<String>,
    /// Its text without `import` lines, the word `export`, and lines of comment.
    text: String,
}

/// The scripts of the page, in the order in which they run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scripts {
    /// `main.js` and all that it imports.
    pub main: String,
    /// `later.js` and what it imports besides.
    pub later: String,
}

/// Bundles `main.js` and `later.js` and all that they import. `files` has the text of each file by
/// its path.
///
/// # Errors
/// If a module breaks one of the three rules.
pub fn bundle(files: &BTreeMap<String, String>) -> Result<Scripts, BundleError> {
    let (mut modules, mut seen) = (Vec::new(), BTreeSet::new());
    visit(MAIN, "the page", files, &mut seen, &mut modules)?;
    let n_main = modules.len();
    visit(LATER, "the page", files, &mut seen, &mut modules)?;
    check_exports(&modules)?;
    check_names(&modules)?;
    let (main, later) = modules.split_at(n_main);
    Ok(Scripts { main: script(main), later: script(later) })
}

fn script(modules: &[Module]) -> String {
    let mut script = "\"use strict\";\n".to_owned();
    for module in modules {
        script += &format!("\n// {}\n{}", module.name, module.text);
    }
    script
}

/// Adds a module after all that it imports. Modules that import each other are added in the order
/// in which they are first imported; that is enough for functions, which are called later.
fn visit(
    name: &str,
    from: &str,
    files: &BTreeMap<String, String>,
    seen: &mut BTreeSet<String>,
    modules: &mut Vec<Module>,
) -> Result<(), BundleError> {
    if !seen.insert(name.to_owned()) {
        return Ok(());
    }
    let missing = || BundleError::Missing { from: from.to_owned(), found: name.to_owned() };
    let module = parse(name, files.get(name).ok_or_else(missing)?)?;
    for (_, other) in &module.imports {
        visit(other, name, files, seen, modules)?;
    }
    modules.push(module);
    Ok(())
}

fn parse(name: &str, text: &str) -> Result<Module, BundleError> {
    let mut module = Module {
        name: name.to_owned(),
        imports: Vec::new(),
        exports: BTreeSet::new(),
        top_level: BTreeSet::new(),
        text: String::with_capacity(text.len()),
    };
    let mut comments = Comments::default();
    for (index, line) in text.lines().enumerate() {
        if comments.covers(line) {
            continue;
        }
        let fault =
            || BundleError::Line { file: name.to_owned(), line: index + 1, found: line.to_owned() };
        if line.starts_with("import") && !line.starts_with("import(") {
            let (names, path) = parse_import(line).ok_or_else(fault)?;
            module.imports.push((names, resolve(name, path)));
            continue;
        }
        let declaration = line.strip_prefix("export ").unwrap_or(line);
        let declared = declared(declaration);
        if declaration.len() < line.len() {
            let [exported] = declared.as_slice() else { return Err(fault()) };
            module.exports.insert(exported.clone());
        }
        module.top_level.extend(declared);
        module.text += declaration;
        module.text.push('\n');
    }
    Ok(module)
}

/// Finds the lines of a module that are nothing but comment, a third of the script.
#[derive(Default)]
struct Comments {
    /// Whether a comment `/* … */` has begun in an earlier line.
    is_open: bool,
    /// Whether a template literal has, in which nothing is a comment.
    is_literal: bool,
}

impl Comments {
    /// Whether the next line is empty or only comment.
    fn covers(&mut self, line: &str) -> bool {
        let text = line.trim();
        if self.is_open || (!self.is_literal && text.starts_with("/*")) {
            let end = text.find("*/");
            self.is_open = end.is_none();
            // Code may follow the comment.
            if end.is_none_or(|end| end + 2 == text.len()) {
                return true;
            }
        } else if !self.is_literal && (text.is_empty() || text.starts_with("//")) {
            return true;
        }
        let n_quotes = text.matches('`').count() - text.matches("\\`").count();
        self.is_literal ^= n_quotes % 2 == 1;
        false
    }
}

/// The names and the path of `import { a, b } from "./c.js";`.
fn parse_import(line: &str) -> Option<(Vec<String>, &str)> {
    let (names, path) = line.strip_prefix("import {")?.split_once("} from \"")?;
    let path = path.trim_end().strip_suffix("\";")?;
    let names: Vec<String> = names
        .split(',')
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    let is_plain = names.iter().all(|name| is_name(name)) && path.starts_with('.');
    is_plain.then_some((names, path))
}

/// Resolves the path `./b.js` or `../b.js` relative to the module `from`.
fn resolve(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The names that a line declares at top level, if it does.
fn declared(line: &str) -> Vec<String> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    let Some((word, rest)) = line.split_once([' ', '*']) else { return Vec::new() };
    let rest = rest.trim_start_matches(['*', ' ']);
    match word {
        "function" | "class" => {
            vec![rest.chars().take_while(|&c| is_name_character(c)).collect()]
        }
        "const" | "let" | "var" => {
            let pattern = rest.split('=').next().unwrap_or_default();
            // `const { a, b: c } = …` declares the last name between two commas.
            let parts = pattern.split([',', '{', '}', '[', ']', ';']);
            let names = parts.map(|part| part.rsplit(':').next().unwrap_or_default().trim());
            names.filter(|name| is_name(name)).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_name_character)
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn check_exports(modules: &[Module]) -> Result<(), BundleError> {
    for module in modules {
        for (names, other) in &module.imports {
            let exporter = modules.iter().find(|module| module.name == *other);
            let exports = &exporter.expect("every imported module was visited").exports;
            if let Some(name) = names.iter().find(|name| !exports.contains(*name)) {
                return Err(BundleError::NotExported {
                    from: module.name.clone(),
                    name: name.clone(),
                    file: other.clone(),
                });
            }
        }
    }
    Ok(())
}

fn check_names(modules: &[Module]) -> Result<(), BundleError> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for module in modules {
        for name in &module.top_level {
            if let Some(first) = first.insert(name, &module.name) {
                return Err(BundleError::Twice {
                    name: name.clone(),
                    first: first.to_owned(),
                    second: module.name.clone(),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bundles `files`, and a second script without content if none of them is its own.
    fn bundled(files: &[(&str, &str)]) -> Result<Scripts, BundleError> {
        let later = [(LATER, "")];
        let files = later.iter().chain(files);
        bundle(&files.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    fn check(files: &[(&str, &str)]) -> Result<String, BundleError> {
        Ok(bundled(files)?.main)
    }

    #[test]
    fn a_module_comes_after_what_it_imports() {
        let script = check(&[
            (MAIN, "// Begins.\nimport { b } from \"./views/b.js\";\nimport { C } from \"./c.js\";\nb(C);\n"),
            ("views/b.js", "import { C } from \"../c.js\";\nexport async function b() {\n  return C;\n}\n"),
            ("c.js", "export const C = 1;\n"),
            ("unused.js", "nonsense"),
        ])
        .unwrap();
        let expected = "\"use strict\";\n\n// c.js\nconst C = 1;\n\n// views/b.js\nasync function b() {\n  \
                        return C;\n}\n\n// main.js\nb(C);\n";
        assert_eq!(script, expected);
    }

    #[test]
    fn the_second_script_does_not_repeat_the_first() {
        let scripts = bundled(&[
            (MAIN, "import { A } from \"./a.js\";\nb(A);\n"),
            (LATER, "import { A } from \"./a.js\";\nimport { C } from \"./c.js\";\nd(A, C);\n"),
            ("a.js", "export const A = 1;\n"),
            ("c.js", "export const C = 2;\n"),
        ]);
        let Scripts { main, later } = scripts.unwrap();
        assert_eq!(main, "\"use strict\";\n\n// a.js\nconst A = 1;\n\n// main.js\nb(A);\n");
        assert_eq!(later, "\"use strict\";\n\n// c.js\nconst C = 2;\n\n// later.js\nd(A, C);\n");
    }

    #[test]
    fn a_name_of_the_first_script_is_not_one_of_the_second() {
        let error = bundled(&[(MAIN, "const x = 1;"), (LATER, "const x = 2;")]).unwrap_err();
        assert!(matches!(&error, BundleError::Twice { name, .. } if name == "x"), "{error}");
    }

    #[test]
    fn lines_of_comment_are_left_out() {
        let module = "// a\n\n/**\n * b\n */\n/* c */ d(`\n// e\n\n/* f */`); // g\n  // h\ni();\n";
        let script = check(&[(MAIN, module)]).unwrap();
        let expected = "\n// main.js\n/* c */ d(`\n// e\n\n/* f */`); // g\ni();\n";
        assert!(script.ends_with(expected), "{script}");
    }

    #[test]
    fn what_a_bundle_cannot_do_is_refused() {
        let refuse = |files: &[(&str, &str)]| check(files).unwrap_err().to_string();
        assert!(refuse(&[]).contains("\"main.js\""));
        assert!(refuse(&[(MAIN, "import { a } from \"./a.js\";")]).contains("\"a.js\""));
        let other = [(MAIN, "import { a } from \"./a.js\";"), ("a.js", "const a = 1;")];
        assert!(refuse(&other).contains("does not export"));
        for line in [
            "import a from \"./a.js\";",
            "import { a as b } from \"./a.js\";",
            "import \"./a.js\";",
            "export default 1;",
            "export { a };",
            "export const { a, b } = c;",
        ] {
            assert!(refuse(&[(MAIN, line)]).starts_with("main.js:1:"), "{line}");
        }
    }

    #[test]
    fn a_name_at_two_tops_is_refused() {
        let tops = [
            "function x() {",
            "const { y, z: x } = w;",
            "let x;",
            "class x {",
            "async function* x() {",
        ];
        for top in tops {
            let files = [
                (MAIN, "import { a } from \"./a.js\";\nconst x = 1;"),
                ("a.js", &*format!("export const a = 1;\n{top}")),
            ];
            let error = check(&files).unwrap_err();
            assert!(
                matches!(&error, BundleError::Twice { name, .. } if name == "x"),
                "{top}: {error}"
            );
        }
        let inner = [
            (MAIN, "import { a } from \"./a.js\";\nconst x = 1;"),
            ("a.js", "export function a() {\n  const x = 2;\n}"),
        ];
        assert!(check(&inner).is_ok());
    }
}
