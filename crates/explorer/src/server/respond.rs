//! Answers an HTTP request.

use super::Shared;
use crate::{
    api,
    contract::failure::{Code, Failure},
    http::{Request, Response},
    origin,
    page::{Page, PageError},
};

/// The response to a request, which is a refusal if it fails. `is_gone` tells whether the client has
/// closed the connection.
pub(super) fn respond(
    shared: &Shared,
    request: &Request,
    is_gone: impl FnMut() -> bool,
) -> Response {
    let answer = || -> Result<Response, Failure> {
        origin::check(request, &shared.host)?;
        let known = |path| api::PATHS.iter().find(|(_, known)| *known == path);
        let path = request.path.as_str();
        let method = match path {
            "/" | "/page.css" | "/page.js" | "/later.js" => "GET",
            path => known(path).map_or("", |(method, _)| method),
        };
        if method.is_empty() {
            let what = format!("there is nothing at {path:?}, expected / or a path below /api");
            return Err(Failure::new(Code::NotFound, what));
        }
        // HEAD is GET without the body, which the connection leaves out.
        if method != request.method && !(method == "GET" && request.method == "HEAD") {
            let what = format!("the method is {}, expected {method}", request.method);
            let allow = Some(if method == "GET" { "GET, HEAD" } else { method });
            return Ok(Response { allow, ..refusal(&Failure::new(Code::Method, what)) });
        }
        let response = match path.starts_with("/api/") {
            true => Response::json(200, shared.queue.ask(path, &request.body, is_gone)?),
            false => file(shared, path, request.accepts_gzip)?,
        };
        // A browser keeps no answer to a POST, which would have a tag in vain.
        Ok(if method == "GET" { response.unless_known(request) } else { response })
    };
    answer().unwrap_or_else(|failure| refusal(&failure))
}

fn file(shared: &Shared, path: &str, accepts_gzip: bool) -> Result<Response, Failure> {
    let read;
    let page = match &shared.page {
        Some(page) => page,
        None => {
            let broken = |error: PageError| Failure::new(Code::Internal, error.to_string());
            read = Page::read(&shared.files).map_err(broken)?;
            &read
        }
    };
    let gzipped = page.gzipped.filter(|_| accepts_gzip);
    let compressed = |content_type, body: &[u8]| Response {
        encoding: Some("gzip"),
        body: body.to_vec(),
        ..Response::new(200, content_type, String::new())
    };
    Ok(match (path, gzipped) {
        ("/page.css", Some(gzipped)) => compressed("text/css", gzipped.css),
        ("/page.js", Some(gzipped)) => compressed("text/javascript", gzipped.main),
        ("/later.js", Some(gzipped)) => compressed("text/javascript", gzipped.later),
        ("/page.css", None) => Response::new(200, "text/css", page.css.clone()),
        ("/page.js", None) => Response::new(200, "text/javascript", page.scripts.main.clone()),
        ("/later.js", None) => Response::new(200, "text/javascript", page.scripts.later.clone()),
        _ => {
            let style = "<link rel=\"stylesheet\" href=\"/page.css\">";
            let icon = "<link rel=\"icon\" href=\"data:,\">";
            let script = "<script src=\"/page.js\"></script>\n<script src=\"/later.js\"></script>";
            Response::new(200, "text/html", page.html(&format!("{icon}\n{style}"), script))
        }
    })
}

/// The response for a failure.
pub(super) fn refusal(failure: &Failure) -> Response {
    Response::json(failure.code.status(), api::failed(failure))
}
