//! One file that is the whole page: style, script and what a model answered, with no need of a network,
//! this program, or a second file.

use sha2::{Digest, Sha256};

use crate::{base64, page::Page};

pub mod record;

/// `page` with `recorded` in it, and nothing that a browser would load or run beside that. With `view`,
/// it opens as that part of its address says (`view=matrix&probe=…`).
pub fn html(page: &Page, recorded: &str, view: Option<&str>) -> String {
    // `</script>` in a string of a script would end it.
    let script = page.script.replace("</script", "<\\/script");
    let recorded = in_script(recorded);
    let first = view.map(first_view);
    let allowed: Vec<String> =
        first.iter().chain([&script]).map(|script| format!("'{}'", hash(script))).collect();
    let style = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {}; \
         style-src '{}'; img-src data: blob:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<style>{}</style>",
        allowed.join(" "),
        hash(&page.css),
        page.css
    );
    let first = first.map(|first| format!("<script>{first}</script>\n")).unwrap_or_default();
    let script = format!(
        "{first}<script type=\"application/json\" id=\"recorded\">{recorded}</script>\n\
         <script>{script}</script>"
    );
    page.html(&style, &script)
}

/// The address decides what a page shows; a file that is opened has none of its own.
fn first_view(view: &str) -> String {
    let view = in_script(&serde_json::Value::from(format!("#{view}")).to_string());
    format!(
        "document.documentElement.classList.add(\"fragment\");\n\
         document.documentElement.dataset.opensAt = {view};"
    )
}

/// JSON with no `<`, which could end the script that it stands in; what has none stays as it is.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// As a content security policy names an inline script or style.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64::encode(&Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Files;

    #[test]
    fn what_was_typed_never_leaves_its_string() {
        let page = Page::read(&Files::Embedded).unwrap();
        let evil = r#"{"answers":{"</script><script>alert(1)</script>":{}}}"#;
        let html = html(&page, evil, Some("text=</script>"));
        let script_ends = html.matches("</script>").count();
        assert_eq!(script_ends, 3, "one for each script");
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
