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
            "/" | "/page.css" | "/page.js" => "GET",
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
        match path.starts_with("/api/") {
            true => Ok(Response::json(200, shared.queue.ask(path, &request.body, is_gone)?)),
            false => file(shared, path),
        }
    };
    answer().unwrap_or_else(|failure| refusal(&failure))
}

fn file(shared: &Shared, path: &str) -> Result<Response, Failure> {
    let read;
    let page = match &shared.page {
        Some(page) => page,
        None => {
            let broken = |error: PageError| Failure::new(Code::Internal, error.to_string());
            read = Page::read(&shared.files).map_err(broken)?;
            &read
        }
    };
    let (content_type, text) = match path {
        "/page.css" => ("text/css", page.css.clone()),
        "/page.js" => ("text/javascript", page.script.clone()),
        _ => {
            let style = "<link rel=\"stylesheet\" href=\"/page.css\">";
            let icon = "<link rel=\"icon\" href=\"data:,\">";
            let script = "<script src=\"/page.js\"></script>";
            ("text/html", page.html(&format!("{icon}\n{style}"), script))
        }
    };
    Ok(Response::new(200, content_type, text))
}

/// The response for a failure.
pub(super) fn refusal(failure: &Failure) -> Response {
    Response::json(failure.code.status(), api::failed(failure))
}
