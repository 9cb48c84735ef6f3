//! Reads the page's files, which are compiled into the program, or those of a directory during
//! development.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::bundle::{BundleError, Scripts, bundle};

/// A file that the build script made of those in `crates/explorer/page`.
macro_rules! built {
    ($include:ident, $name:literal) => {
        $include!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

const HTML: &str = "page.html";
const CSS: &str = "page.css";
/// The comments of the HTML file that are replaced by the style and the script.
const STYLE_PLACEHOLDER: &str = "<!-- style -->";
const SCRIPT_PLACEHOLDER: &str = "<!-- script -->";

/// Where the page's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    /// They are those compiled into the program, bundled.
    Embedded,
    /// They are in this directory, and are read again for each request.
    Directory(PathBuf),
}

/// The page: its HTML, style sheet and scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    html: String,
    /// The style sheet.
    pub css: String,
    /// All modules, as two scripts that run one after the other.
    pub scripts: Scripts,
    /// Style sheet and scripts in the format gzip. Files in a directory, which change, are not compressed.
    pub gzipped: Option<Gzipped>,
}

/// What is large of a page, compressed when the program was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gzipped {
    /// The style sheet.
    pub css: &'static [u8],
    /// The first script.
    pub main: &'static [u8],
    /// The second script.
    pub later: &'static [u8],
}

/// The page's files cannot be read or bundled.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum PageError {
    /// A file cannot be read.
    #[error("cannot read {path}", path = .path.display())]
    Read { path: PathBuf, source: io::Error },
    /// A file of this name is missing.
    #[error("the page has no {0}")]
    Missing(&'static str),
    /// The HTML file lacks this placeholder.
    #[error("{HTML} has no {0:?}")]
    NoPlaceholder(&'static str),
    /// The modules cannot be bundled.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

impl Page {
    /// Reads and bundles the page's files.
    ///
    /// # Errors
    /// If a file is missing or unreadable, or the modules cannot be bundled.
    pub fn read(files: &Files) -> Result<Self, PageError> {
        let page = match files {
            Files::Embedded => Self::embedded(),
            Files::Directory(root) => Self::of_directory(root)?,
        };
        for placeholder in [STYLE_PLACEHOLDER, SCRIPT_PLACEHOLDER] {
            if !page.html.contains(placeholder) {
                return Err(PageError::NoPlaceholder(placeholder));
            }
        }
        Ok(page)
    }

    fn embedded() -> Self {
        Self {
            html: built!(include_str, "page.html").to_owned(),
            css: built!(include_str, "page.css").to_owned(),
            scripts: Scripts {
                main: built!(include_str, "page.js").to_owned(),
                later: built!(include_str, "later.js").to_owned(),
            },
            gzipped: Some(Gzipped {
                css: built!(include_bytes, "page.css.gz"),
                main: built!(include_bytes, "page.js.gz"),
                later: built!(include_bytes, "later.js.gz"),
            }),
        }
    }

    fn of_directory(root: &Path) -> Result<Self, PageError> {
        let mut files = BTreeMap::new();
        collect(root, root, &mut files)?;
        let mut take = |name| files.remove(name).ok_or(PageError::Missing(name));
        let (html, css) = (take(HTML)?, take(CSS)?);
        Ok(Self { html, css, scripts: bundle(&files)?, gzipped: None })
    }

    /// The names of the views: each is a module of this name in the folder `views`, and a module begins
    /// with a comment that names it.
    pub fn views(&self) -> Vec<&str> {
        let lines = self.scripts.main.lines().chain(self.scripts.later.lines());
        let names = lines.filter_map(|line| line.strip_prefix("// views/"));
        names.filter_map(|name| name.strip_suffix(".js")).collect()
    }

    /// The HTML with `style` and `script` in place of its placeholders.
    pub fn html(&self, style: &str, script: &str) -> String {
        // The script comes last since its text may contain the other placeholder.
        self.html.replacen(STYLE_PLACEHOLDER, style, 1).replacen(SCRIPT_PLACEHOLDER, script, 1)
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
        assert!(page.scripts.main.contains("boot();") && page.css.contains('{'));
    }

    #[test]
    fn each_view_has_the_name_of_its_file() {
        let page = Page::read(&Files::Embedded).unwrap();
        assert!(page.views().len() > 10, "{:?}", page.views());
        for view in page.views() {
            let id = format!("id: \"{view}\"");
            let Scripts { main, later } = &page.scripts;
            assert!(main.contains(&id) || later.contains(&id), "{view}");
        }
    }

    #[test]
    fn a_directory_is_the_same_page() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
        let page = Page::read(&Files::Directory(root)).unwrap();
        assert_eq!(page, Page { gzipped: None, ..Page::read(&Files::Embedded).unwrap() });
    }

    /// What a browser fetches of the page before it can draw anything, and in all.
    #[test]
    fn the_page_is_small() {
        let page = Page::read(&Files::Embedded).unwrap();
        let Gzipped { css, main, later } = page.gzipped.unwrap();
        let texts = [&page.css, &page.scripts.main, &page.scripts.later];
        for (gzipped, text) in [css, main, later].into_iter().zip(texts) {
            let (magic, length) = (&gzipped[..3], gzipped.last_chunk().unwrap());
            assert_eq!(magic, [0x1f, 0x8b, 8]);
            assert_eq!(u32::from_le_bytes(*length) as usize, text.len());
        }
        let n_first = page.html("", "").len() + css.len() + main.len();
        assert!(n_first <= 90_000, "{n_first} bytes, expected at most 90,000");
        let n_all = n_first + later.len();
        assert!(n_all <= 140_000, "{n_all} bytes, expected at most 140,000");
    }
}
