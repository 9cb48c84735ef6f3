//! The program `explore`: its server's answers and refusals, the exported file, and its end.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::programs::{command, copy_of_trained, run, trained};

/// A server on a free port, started for one test and killed at its end.
struct Live {
    child: Child,
    address: String,
}

impl Live {
    fn start(run: &Path) -> Self {
        let mut child =
            command(run, "explore", &[run.to_str().unwrap(), "--port", "0"]).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
        Self { child, address }
    }

    /// Sends exactly these bytes, and returns status, head and body of the answer.
    fn send(&self, bytes: &[u8]) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        // The server may refuse a request and close the connection before it has read all of it.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        (head[9..12].parse().unwrap(), head, answer[end + 4..].to_vec())
    }

    fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String, Value) {
        let (address, length) = (&self.address, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\
             Content-Length: {length}\r\n\r\n{body}"
        );
        let (status, head, body) = self.send(request.as_bytes());
        (status, head, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    fn get(&self, path: &str) -> Value {
        let (status, _, answer) = self.request("GET", path, "", "");
        assert_eq!(status, 200, "{answer}");
        answer
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        let (status, _, answer) = self.request("POST", path, "", &body.to_string());
        assert_eq!(status, 200, "{path} {body}: {answer}");
        assert_eq!(
            (&answer["format"], &answer["version"]),
            (&json!("anafora-explorer"), &json!(1))
        );
        answer
    }

    /// The status and the code of a refusal.
    fn refusal(&self, path: &str, body: &Value) -> (u16, String) {
        let (status, _, answer) = self.request("POST", path, "", &body.to_string());
        assert!(
            answer["error"]["message"].as_str().is_some_and(|message| !message.is_empty()),
            "{answer}"
        );
        (status, answer["error"]["code"].as_str().unwrap().to_owned())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const TEXT: &str = "El robot dejó caer la pelota porque él estaba dañado.";

fn reading(more: Value) -> Value {
    let mut request = json!({"checkpoint": null, "text": TEXT, "pronoun": [36, 38], "masked": [],
                             "ablated": [], "ablation": "zero"});
    let more = more.as_object().unwrap().clone();
    request.as_object_mut().unwrap().extend(more);
    request
}

#[test]
fn every_question_has_an_answer() {
    let live = Live::start(trained());
    let run = live.get("/api/run");
    assert_eq!(run["live"], true);
    assert_eq!(
        run["checkpoints"].as_array().unwrap().iter().filter(|c| c["is_best"] == true).count(),
        1
    );
    assert!(run.get("heads").is_none(), "they are large, and asked for by themselves");
    assert!(live.get("/api/heads").get("heads").is_some());
    let (n_layers, n_heads) = (&run["run"]["n_layers"], &run["run"]["n_heads"]);
    let (layers, heads) = (n_layers.as_u64().unwrap(), n_heads.as_u64().unwrap());

    let read = live.ask("/api/read", &reading(json!({})));
    let first = &read["readings"][0];
    let seq = first["tokens"].as_array().unwrap().len() as u64;
    assert_eq!(
        first["candidates"],
        json!([[3, 8], [22, 28]]),
        "the text of a probe has its candidates"
    );
    assert_eq!(
        (&first["attention"]["layers"], &first["attention"]["seq"]),
        (n_layers, &json!(seq))
    );
    let weights = first["attention"]["weights"].as_str().unwrap().len() as u64;
    assert_eq!(weights, (2 * layers * heads * seq * seq).div_ceil(3) * 4);
    let n_words = first["words"].as_array().unwrap().len();
    assert_eq!(first["probabilities"].as_array().unwrap().len(), n_words + 1);

    for change in [
        json!({"masked": [2]}),
        json!({"ablated": [[0, 0]]}),
        json!({"ablated": [[0, 0]], "ablation": "mean"}),
    ] {
        let changed = live.ask("/api/read", &reading(change.clone()));
        assert_ne!(changed["readings"][0]["probabilities"], first["probabilities"], "{change}");
    }
    let vectors = live.ask("/api/vectors", &reading(json!({"layer": 0, "head": 1})));
    let d_head = vectors["d_head"].as_u64().unwrap();
    assert_eq!(vectors["keys"].as_str().unwrap().len() as u64, (4 * seq * d_head).div_ceil(3) * 4);
    let activations = live.ask("/api/activations", &reading(json!({"token": 8})));
    let n_numbers = |field: &str| {
        let text = activations[field].as_str().unwrap();
        (text.len() * 3 / 4 - text.matches('=').count()) as u64 / 4
    };
    let [d_model, n_layers] = ["d_model", "n_layers"].map(|n| run["run"][n].as_u64().unwrap());
    assert_eq!(n_numbers("residual"), (n_layers + 1) * d_model);
    assert_eq!(n_numbers("hidden"), seq * d_model);
    assert_eq!(n_numbers("inner"), n_layers * activations["d_ff"].as_u64().unwrap());
    assert_eq!(activations["ids"].as_array().unwrap().len() as u64, seq);
    assert_eq!(activations["positions"]["kind"], "rotary");
    let step = &run["snapshots"][0]["step"];
    let snapshot = live.ask("/api/snapshot", &json!({"step": step}));
    let n_probes = run["probes"].as_array().unwrap().len();
    assert_eq!(snapshot["readings"].as_array().unwrap().len(), n_probes);
    let variants = live.ask("/api/variants", &json!({"text": TEXT, "pronoun": [36, 38]}));
    assert_eq!(
        variants["variants"][0]["text"],
        TEXT.replace("él", "ella").replace("dañado", "dañada")
    );
}

#[test]
fn a_search_finds_the_token_of_its_kind() {
    let live = Live::start(trained());
    let request =
        reading(json!({"token": 1, "by": "hidden", "layer": 0, "head": null, "limit": 5}));
    let until = Instant::now() + Duration::from_secs(120);
    let found = loop {
        let (status, _, answer) = live.request("POST", "/api/search", "", &request.to_string());
        if status == 200 {
            break answer;
        }
        assert_eq!((status, &answer["error"]["code"]), (503, &json!("not_ready")), "{answer}");
        assert!(Instant::now() < until, "{answer}");
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(found["n_tokens"].as_u64().unwrap() > 10_000);
    for found in found["matches"].as_array().unwrap() {
        let (text, start) = (found["text"].as_str().unwrap(), found["token"][0].as_u64().unwrap());
        let token: String = text.chars().skip(start as usize).take(2).collect();
        assert_eq!(token.to_lowercase(), "el", "before the first block equal tokens are equal");
    }
    let by_head =
        reading(json!({"token": 1, "by": "attention", "layer": 0, "head": 0, "limit": 5}));
    let found = live.ask("/api/search", &by_head);
    assert_eq!(found["matches"].as_array().unwrap().len(), 5);
}

#[test]
fn what_cannot_be_answered_is_refused_by_name() {
    let live = Live::start(trained());
    let refused = |path: &str, body: Value| live.refusal(path, &body);
    let code = |path: &str, more: Value| live.refusal(path, &reading(more)).1;
    assert_eq!(refused("/api/read", json!([])), (400, "bad_request".to_owned()));
    assert_eq!(refused("/api/read", json!({"text": ""})), (400, "empty".to_owned()));
    assert_eq!(refused("/api/read", json!({"text": "Hola."})), (400, "no_pronoun".to_owned()));
    assert_eq!(refused("/api/read", json!({"text": "{él"})), (400, "bad_mark".to_owned()));
    assert_eq!(
        refused("/api/read", json!({"text": "él ".repeat(1000)})),
        (400, "too_long".to_owned())
    );
    assert_eq!(code("/api/read", json!({"checkpoint": 3})), "no_such_checkpoint");
    assert_eq!(code("/api/read", json!({"masked": [99]})), "no_such_token");
    assert_eq!(code("/api/read", json!({"ablated": [[0, 99]]})), "no_such_head");
    assert_eq!(code("/api/vectors", json!({"layer": 99, "head": 0})), "no_such_head");
    assert_eq!(code("/api/activations", json!({"token": 99})), "no_such_token");
    assert_eq!(
        refused("/api/snapshot", json!({"step": 3_000})),
        (404, "no_such_snapshot".to_owned())
    );
    assert_eq!(refused("/nothing", json!({})), (404, "not_found".to_owned()));
    let (status, _, answer) = live.request("PUT", "/api/read", "", "");
    assert_eq!((status, &answer["error"]["code"]), (405, &json!("method")));
    let (status, _, answer) = live.request("POST", "/api/read", "", "{");
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("bad_json")));
    let (status, _, answer) = live.request("POST", "/api/read", "", &" ".repeat(1_000_000));
    assert_eq!((status, &answer["error"]["code"]), (413, &json!("too_large")));
    let (status, ..) = live.send(b"\xff\xfe nonsense\r\n\r\n");
    assert_eq!(status, 400);
    // After all these requests the server still answers.
    live.ask("/api/read", &reading(json!({})));
}

#[test]
fn a_page_of_another_server_is_told_nothing() {
    let live = Live::start(trained());
    let (status, _, answer) =
        live.request("POST", "/api/read", "Origin: http://evil.example\r\n", "{}");
    assert_eq!((status, &answer["error"]["code"]), (403, &json!("forbidden")));
    let (status, ..) =
        live.send(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 403);
}

#[test]
fn the_page_may_run_and_load_only_its_own() {
    let live = Live::start(trained());
    for (path, kind) in [
        ("/", "text/html"),
        ("/page.css", "text/css"),
        ("/page.js", "text/javascript"),
        ("/later.js", "text/javascript"),
    ] {
        let (status, head, _) = live.request("GET", path, "", "");
        assert_eq!(status, 200, "{path}");
        assert!(head.contains(&format!("content-type: {kind}; charset=utf-8")), "{head}");
        for wanted in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "nosniff",
            "no-referrer",
        ] {
            assert!(head.contains(wanted), "{wanted} in {head}");
        }
    }
}

#[test]
fn the_page_is_compressed_for_who_can_read_it_and_sent_once() {
    let live = Live::start(trained());
    let get = |path: &str, headers: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n",
            live.address
        );
        live.send(request.as_bytes())
    };
    let tag_of = |head: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix("etag: "));
        line.unwrap_or_else(|| panic!("no tag in {head}")).to_owned()
    };
    for path in ["/page.css", "/page.js", "/later.js"] {
        let (_, head, plain) = get(path, "");
        assert!(!head.contains("content-encoding"), "{head}");
        let (_, compressed_head, compressed) = get(path, "Accept-Encoding: br, gzip\r\n");
        assert!(compressed_head.contains("content-encoding: gzip"), "{compressed_head}");
        assert!(compressed.len() < plain.len() / 3 && compressed.starts_with(&[0x1f, 0x8b]));
        assert_ne!(tag_of(&head), tag_of(&compressed_head));
        assert!(head.contains("vary: accept-encoding"), "{head}");
    }
    for path in ["/", "/page.css", "/page.js", "/later.js", "/api/run", "/api/heads"] {
        let (_, head, _) = get(path, "");
        assert!(head.contains("cache-control: no-cache"), "{head}");
        let (status, _, body) = get(path, &format!("If-None-Match: {}\r\n", tag_of(&head)));
        assert_eq!((status, body.len()), (304, 0), "{path}");
    }
    let (_, head, _) = live.request("POST", "/api/read", "", &reading(json!({})).to_string());
    assert!(head.contains("cache-control: no-store") && !head.contains("etag"), "{head}");
}

#[test]
fn an_exported_page_is_one_file_in_which_nothing_escapes_its_string() {
    let parent = tempfile::tempdir().unwrap();
    let evil = "</script><script>alert(1)</script>";
    let copy = copy_of_trained(parent.path());
    // The name of a run may be anything but a path.
    let named = parent.path().join(evil.replace('/', "\u{2215}"));
    fs::rename(&copy, &named).unwrap();
    let file = parent.path().join("page.html");
    let (file_name, run_name) = (file.to_str().unwrap(), named.to_str().unwrap());
    let ran = run(
        parent.path(),
        "explore",
        &[run_name, "--export", file_name, "--probes", "2", "--snapshots", "3"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stdout.contains(" MB, ") && ran.stdout.contains("left out: 24 of 26 probes"),
        "{}",
        ran.stdout
    );
    let html = fs::read_to_string(file).unwrap();
    assert!(html.len() < 6_000_000);
    assert!(!html.contains("<script>alert"));
    let from = html.find("id=\"recorded\">").unwrap() + "id=\"recorded\">".len();
    let to = from + html[from..].find("</script>").unwrap();
    let recorded: Value = serde_json::from_str(&html[from..to]).unwrap();
    let answers = recorded["answers"].as_object().unwrap();
    let run = &answers["/api/run"];
    assert_eq!((&run["live"], run["probes"].as_array().unwrap().len()), (&json!(false), 2));
    assert!(run["run"]["name"].as_str().unwrap().contains("<script>"));
    let path = run["run"]["path"].as_str().unwrap();
    assert!(path.starts_with("'<\u{2215}script") && !path.contains("/tmp"), "where it lay: {path}");
    assert_eq!(run["snapshots"].as_array().unwrap().len(), 3);
    assert_eq!(answers["/api/heads"]["version"], 1);
    // A key is the request as the page writes it, with the fields in their order.
    let key = format!(
        "/api/read {{\"checkpoint\":null,\"text\":\"{TEXT}\",\"pronoun\":[36,38],\"masked\":[],\
         \"ablated\":[[0,0]],\"ablation\":\"zero\"}}"
    );
    assert!(answers[&key]["readings"][0]["attention"].is_null());
    assert!(!answers[&key.replace("[[0,0]]", "[]")]["readings"][0]["attention"].is_null());
    assert!(answers.keys().any(|key| key.starts_with("/api/search ")));
    assert!(answers.keys().any(|key| key.starts_with("/api/vectors ")));
    assert!(answers.keys().any(|key| key.starts_with("/api/activations ")));
}

#[test]
fn an_exported_page_is_no_larger_than_it_may_be() {
    let parent = tempfile::tempdir().unwrap();
    let export = |megabytes: f64| {
        let megabytes = megabytes.to_string();
        let run_name = trained().to_str().unwrap();
        let sizes = ["--probes", "2", "--snapshots", "3", "--megabytes", &megabytes];
        let ran = run(
            parent.path(),
            "explore",
            &[&[run_name, "--export", "page.html"], &sizes[..]].concat(),
        );
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        (fs::metadata(parent.path().join("page.html")).unwrap().len(), ran.stdout)
    };
    let (whole, said) = export(6.0);
    assert!(!said.contains("(--megabytes)"), "{said}");
    // The milliseconds of a search have some digits more or less each time.
    let may_be = whole - 100;
    let (shorter, said) = export(may_be as f64 / 1e6);
    assert!(shorter <= may_be && shorter > may_be / 2, "{shorter} of {may_be} bytes");
    assert!(said.contains("left out: 1 heads' vectors (--megabytes)"), "{said}");
}

#[test]
fn a_size_that_is_too_small_and_a_view_that_is_not_there_write_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let run_name = trained().to_str().unwrap();
    for (options, expected) in [
        (&["--megabytes", "0.1"][..], "--megabytes is 0.1, and 12 probes and 24 snapshots take "),
        (&["--view", "nonsense"], "--view: no view \"nonsense\", expected one of "),
        (
            &["--view", "view=heads&probe=x"],
            "--view: no probe \"x\", expected one of probe-es-01, ",
        ),
    ] {
        let arguments = [&[run_name, "--export", "page.html"], options].concat();
        let ran = run(parent.path(), "explore", &arguments);
        assert_eq!(ran.code, Some(2), "{options:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        assert!(!parent.path().join("page.html").exists(), "{options:?}");
    }
}

#[test]
fn a_taken_port_is_named_with_a_free_one() {
    let live = Live::start(trained());
    let port = live.address.rsplit(':').next().unwrap();
    let ran = run(trained(), "explore", &[trained().to_str().unwrap(), "--port", port]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("port {port}")), "{}", ran.stderr);
    assert!(ran.stderr.contains("is free"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_well() {
    for signal in ["-INT", "-TERM"] {
        let mut live = Live::start(trained());
        // An idle connection must not delay the end.
        let _idle = TcpStream::connect(&live.address).unwrap();
        let pid = live.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        let began = Instant::now();
        let status = live.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(began.elapsed() < Duration::from_secs(5), "{signal}");
    }
}

#[test]
fn the_answer_to_head_is_that_to_get_without_its_body() {
    let live = Live::start(trained());
    let address = &live.address;
    let request = |method: &str, more: &str| {
        format!("{method} /page.css HTTP/1.1\r\nHost: {address}\r\n{more}\r\n")
    };
    let both = request("HEAD", "") + &request("GET", "Connection: close\r\n");
    let (status, head, rest) = live.send(both.as_bytes());
    assert_eq!(status, 200);
    let rest = String::from_utf8(rest).unwrap();
    assert!(rest.starts_with("HTTP/1.1 200 OK\r\n"), "{}", &rest[..80]);
    let length = |head: &str| {
        let line = head.lines().find(|line| line.starts_with("content-length: ")).unwrap();
        line.to_owned()
    };
    assert_eq!(length(&head), length(&rest));
}

#[test]
fn a_wrong_method_is_answered_with_the_right_ones() {
    let live = Live::start(trained());
    for (method, path, allowed) in [
        ("DELETE", "/page.css", "GET, HEAD"),
        ("POST", "/api/run", "GET, HEAD"),
        ("GET", "/api/read", "POST"),
    ] {
        let (status, head, _) = live.request(method, path, "", "");
        assert_eq!(status, 405, "{path}");
        assert!(head.lines().any(|line| line == format!("allow: {allowed}")), "{head}");
    }
}

#[test]
fn a_host_is_an_address_or_a_name_without_a_port() {
    for (host, expected) in [
        ("127.0.0.1:8080", "expected an address or a name without a port"),
        ("http://localhost", "expected an address or a name"),
        ("", "expected an address or a name"),
    ] {
        let ran = run(trained(), "explore", &[trained().to_str().unwrap(), "--host", host]);
        ran.refuses(2, &["--host", expected]);
    }
}
