//! Embeds the page into the program: its HTML, its style sheet and its modules as two scripts, all but
//! the HTML also compressed. A new file is found without a change of Rust code.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

#[path = "src/bundle.rs"]
#[allow(
    unreachable_pub,
    unfulfilled_lint_expectations,
    reason = "what it exports and expects is that of a module of the library"
)]
mod bundle;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("page");
    println!("cargo:rerun-if-changed=page");
    println!("cargo:rerun-if-changed=src/bundle.rs");
    let mut files = BTreeMap::new();
    collect(&root, &root, &mut files)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let scripts = bundle::bundle(&files)?;
    let text = |name: &str| files.get(name).ok_or_else(|| format!("the page has no {name}"));
    let (html, css) = (text("page.html")?, text("page.css")?);
    fs::write(out.join("page.html"), html)?;
    for (name, text) in
        [("page.css", css), ("page.js", &scripts.main), ("later.js", &scripts.later)]
    {
        fs::write(out.join(name), text)?;
        fs::write(out.join(format!("{name}.gz")), gzip(text)?)?;
    }
    Ok(())
}

fn gzip(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

fn collect(
    root: &Path,
    directory: &Path,
    files: &mut BTreeMap<String, String>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if matches!(extension, Some("html" | "css" | "js")) {
            let name = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            files.insert(name, fs::read_to_string(&path)?);
        }
    }
    Ok(())
}
