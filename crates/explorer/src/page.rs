//! The page's files: those in the program, or those of a directory while somebody writes them.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::bundle::{BundleError, bundle};

/// Every file of `crates/explorer/page`, by its path there.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/page_files.rs"));

const HTML: &str = "page.html";
const CSS: &str = "page.css";
/// Where the style and the script go.
const STYLE_PLACE: &str = "<!-- style -->";
const SCRIPT_PLACE: &str = "<!-- script -->";

/// Where the page's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    /// In the program.
    Embedded,
    /// Read anew for each request.
    Directory(PathBuf),
}

/// The page in three pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    html: String,
    /// The style sheet.
    pub css: String,
    /// All modules as one script.
    pub script: String,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A file cannot be read.
    #[error("cannot read {path}", path = .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not there.
    #[error("the page has no {0}")]
    Missing(&'static str),
    /// The page has no place for what belongs into it.
    #[error("{HTML} has no {0:?}")]
    NoPlace(&'static str),
    /// The modules are no script.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

impl Page {
    /// Reads and bundles `files`.
    pub fn read(files: &Files) -> Result<Self, PageError> {
        let mut files = match files {
            Files::Embedded => {
                EMBEDDED.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect()
            }
            Files::Directory(root) => {
                let mut files = BTreeMap::new();
                collect(root, root, &mut files)?;
                files
            }
        };
        let mut take = |name| files.remove(name).ok_or(PageError::Missing(name));
        let (html, css) = (take(HTML)?, take(CSS)?);
        for place in [STYLE_PLACE, SCRIPT_PLACE] {
            if !html.contains(place) {
                return Err(PageError::NoPlace(place));
            }
        }
        Ok(Self { html, css, script: bundle(&files)? })
    }

    /// The HTML, with `style` and `script` in their places.
    pub fn html(&self, style: &str, script: &str) -> String {
        // The script last: its text may hold anything, the other place among it.
        self.html.replacen(STYLE_PLACE, style, 1).replacen(SCRIPT_PLACE, script, 1)
    }
}

fn collect(
    root: &Path,
    directory: &Path,
    files: &mut BTreeMap<String, String>,
) -> Result<(), PageError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        |source| PageError::Read { path, source }
    };
    for entry in fs::read_dir(directory).map_err(at(directory))? {
        let path = entry.map_err(at(directory))?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if matches!(extension, Some("html" | "css" | "js")) {
            let name = path.strip_prefix(root).expect("it was found there").to_string_lossy();
            let text = fs::read_to_string(&path).map_err(at(&path))?;
            files.insert(name.replace('\\', "/"), text);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_program_is_whole() {
        let page = Page::read(&Files::Embedded).unwrap();
        let html = page.html("<style>", "<script>");
        assert!(html.contains("<style>") && html.contains("<script>"));
        assert!(page.script.contains("boot();") && page.css.contains('{'));
    }

    #[test]
    fn a_directory_is_the_same_page() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
        let page = Page::read(&Files::Directory(root)).unwrap();
        assert_eq!(page, Page::read(&Files::Embedded).unwrap());
    }
}
