//! Exports the page as one HTML file with style, script and recorded answers. It needs no network,
//! no server and no other file.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::{bundle::Scripts, page::Page};

pub mod record;

/// The page with the answers `recorded`, as JSON. Its content security policy allows a browser to
/// load and run nothing else. With `view`, it opens as that fragment of an address says
/// (`view=matrix&probe=…`).
pub fn html(page: &Page, recorded: &str, view: Option<&str>) -> String {
    let Scripts { main, later } = &page.scripts;
    let scripts = [main, later].map(|script| ending_nowhere(script));
    let recorded = in_script(recorded);
    let first = view.map(first_view);
    let allowed: Vec<String> =
        first.iter().chain(&scripts).map(|script| format!("'{}'", hash(script))).collect();
    let style = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {}; \
         style-src '{}'; img-src data: blob:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<style>{}</style>",
        allowed.join(" "),
        hash(&page.css),
        page.css
    );
    let first = first.map(|first| format!("<script>{first}</script>\n")).unwrap_or_default();
    let [main, later] = scripts;
    let scripts = format!(
        "{first}<script type=\"application/json\" id=\"recorded\">{recorded}</script>\n\
         <script>{main}</script>\n<script>{later}</script>"
    );
    page.html(&style, &scripts)
}

/// A script in which no string literal ends it.
fn ending_nowhere(script: &str) -> String {
    script.replace("</script", "<\\/script")
}

/// A script that sets the first view. On a server the fragment of the address does, but a file is
/// opened without one.
fn first_view(view: &str) -> String {
    let view = in_script(&serde_json::Value::from(format!("#{view}")).to_string());
    format!(
        "document.documentElement.classList.add(\"fragment\");\n\
         document.documentElement.dataset.opensAt = {view};"
    )
}

/// JSON with every `<` escaped, so that it cannot end the script that contains it.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// The hash by which a content security policy allows an inline script or style.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Files;

    #[test]
    fn no_text_can_end_the_script_that_contains_it() {
        let page = Page::read(&Files::Embedded).unwrap();
        let evil = r#"{"answers":{"</script><script>alert(1)</script>":{}}}"#;
        let html = html(&page, evil, Some("text=</script>"));
        let script_ends = html.matches("</script>").count();
        assert_eq!(script_ends, 4, "one for each script");
        assert!(!html.contains("<script>alert"));
        assert!(html.contains(r"\u003c/script>\u003cscript>alert(1)"));
    }

    #[test]
    fn every_script_and_style_is_allowed_by_its_hash() {
        let page = Page::read(&Files::Embedded).unwrap();
        let html = html(&page, "{}", None);
        let between = |from: &str, to: &str| {
            let start = html.find(from).unwrap() + from.len();
            &html[start..start + html[start..].find(to).unwrap()]
        };
        for content in [between("<style>", "</style>"), between("<script>", "</script>")] {
            assert!(html.contains(&format!("'{}'", hash(content))));
        }
        assert!(!html.contains("src=\"/") && !html.contains("href=\"/"), "nothing is loaded");
    }
}
