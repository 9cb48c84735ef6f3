//! Refuses requests from pages of other servers.
//!
//! A foreign web page can let its own domain name resolve to 127.0.0.1 (DNS rebinding), so that its
//! requests come from the browser on this machine. They carry that name as `Host`. Therefore the
//! host has to be an IP address, `localhost`, or the name that was given with `--host`. A page of
//! another server that sends requests directly is recognised by `Origin`.

use std::net::IpAddr;

use crate::{
    contract::failure::{Code, Failure},
    http::Request,
};

/// Checks `Host` and `Origin` of a request to the server that listens on `own_host`.
///
/// # Errors
/// [`Code::Forbidden`] if the request may come from a page of another server.
pub fn check(request: &Request, own_host: &str) -> Result<(), Failure> {
    let Some(host) = &request.host else {
        return forbidden("there is no header host, expected this server's".to_owned());
    };
    let name = without_port(host);
    let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let is_local = name.eq_ignore_ascii_case("localhost") || name.eq_ignore_ascii_case(own_host);
    if !is_address && !is_local {
        return forbidden(format!(
            "the host is {host:?}, expected an address, localhost or what --host says"
        ));
    }
    match &request.origin {
        Some(origin) if !origin.eq_ignore_ascii_case(&format!("http://{host}")) => {
            forbidden(format!("a page of {origin:?} asks, expected one of http://{host}"))
        }
        _ => Ok(()),
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn forbidden(message: String) -> Result<(), Failure> {
    Err(Failure::new(Code::Forbidden, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_let_in(host: &str, origin: Option<&str>) -> bool {
        let (host, origin) = (Some(host.to_owned()), origin.map(str::to_owned));
        check(&Request { host, origin, ..Request::default() }, "box.lan").is_ok()
    }

    #[test]
    fn a_host_is_an_address_or_a_known_name() {
        for host in
            ["127.0.0.1:7878", "127.0.0.1", "[::1]:80", "localhost:1", "LOCALHOST", "box.lan:9"]
        {
            assert!(is_let_in(host, None), "{host}");
        }
        for host in
            ["evil.example:7878", "127.0.0.1.evil.example", "localhost.evil", "", ":7878", "[x]"]
        {
            assert!(!is_let_in(host, None), "{host}");
        }
        assert!(check(&Request::default(), "box.lan").is_err());
    }

    #[test]
    fn a_page_of_another_server_gets_nothing() {
        assert!(is_let_in("127.0.0.1:7878", Some("http://127.0.0.1:7878")));
        for origin in
            ["http://127.0.0.1:8000", "https://127.0.0.1:7878", "null", "http://evil.example"]
        {
            assert!(!is_let_in("127.0.0.1:7878", Some(origin)), "{origin}");
        }
    }
}
