//! Shows what a trained model does, in a browser: `cargo run --bin explore`.

use std::{
    io::{self, Write},
    net::{IpAddr, Ipv6Addr, ToSocketAddrs},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;
use clap::Parser;
use cli::{
    arguments,
    device::DeviceArgument,
    exit::{Usage, exit_with},
    runs,
    signal::Signals,
    stderr::print_line,
    svg,
};
use explorer::{
    export::{
        html,
        record::{RecordLimits, record},
    },
    model::Model,
    page::{Files, Page},
    server::{Server, ServerError},
};
use explorer_model::{Explorer, recurrent};
use files::atomic::write_output;

/// The same caching allocator as in `train`, which avoids page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Show a run's attention in a browser, with the model answering whatever is typed or changed there.
///
/// explore RUN answers on this machine until Ctrl-C (exit code 0), and prints the address to open.
///
/// explore RUN --export FILE writes one HTML file that needs neither this program nor a network: the
/// page, and what the model answered for the run's probes.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The run directory [default: the newest in runs/]
    run: Option<PathBuf>,
    /// Where to answer
    #[arg(long, value_name = "N", default_value_t = 7878)]
    port: u16,
    /// The address to answer at; another one than this machine's lets others in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1",
        value_parser = host)]
    host: String,
    /// Write one self-contained HTML file instead of answering
    #[arg(long, value_name = "FILE", conflicts_with_all = ["port", "host"])]
    export: Option<PathBuf>,
    /// How many probes the file holds, the first ones
    #[arg(long, value_name = "N", default_value_t = 12, requires = "export",
        conflicts_with_all = ["port", "host", "svg"])]
    probes: usize,
    /// How many snapshots the file holds, spread over the training
    #[arg(long, value_name = "N", default_value_t = 24, requires = "export",
        conflicts_with_all = ["port", "host", "svg"])]
    snapshots: usize,
    /// The size that the file may have; the vectors of single heads are the first to be left out
    #[arg(long, value_name = "N", default_value_t = 6.0, requires = "export",
        conflicts_with_all = ["port", "host", "svg"])]
    megabytes: f64,
    /// Have the file open with one view and nothing around it, for a notebook or slides: its name in
    /// the page's address, as `matrix`, or more of the address, as "view=model&probe=probe-en-01"
    #[arg(long, value_name = "VIEW", requires = "export",
        conflicts_with_all = ["port", "host", "svg"])]
    view: Option<String>,
    /// Draw the pronoun's attention into FILE instead of answering, as `resolve --svg` does
    #[arg(long, value_name = "FILE", conflicts_with_all = ["port", "host", "export"])]
    svg: Option<PathBuf>,
    /// The text of the picture; must have one pronoun [default: the first probe]
    #[arg(long, requires = "svg", conflicts_with_all = ["port", "host", "export"])]
    text: Option<String>,
    /// For those who write the page: take its files from DIR, anew for each request, instead of those
    /// in the program
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
    #[command(flatten)]
    device: DeviceArgument,
}

/// The comparison of the encoder with a recurrent network, which the page shows.
const RECURRENT: &str = include_str!("../../../../experiments/recurrent/results.json");

fn main() -> ExitCode {
    let arguments = arguments::parse("explore");
    exit_with(|| explore(&arguments))
}

fn explore(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (device, _) = arguments.device.open("explore")?;
    let run = runs::open(arguments.run.as_ref())?;
    let files = match &arguments.page {
        Some(directory) => Files::Directory(directory.clone()),
        None => Files::Embedded,
    };
    let name = run.path().display().to_string();
    let recurrent = recurrent::parse(RECURRENT).context("experiments/recurrent/results.json")?;
    let model = Arc::new(Explorer::open(run, device, Some(recurrent))?);
    match (&arguments.export, &arguments.svg) {
        (Some(path), _) => export(arguments, &model, &files, path)?,
        (None, Some(path)) => {
            let probe = model.probe(arguments.text.as_deref());
            let picture = svg::draw(&probe.map_err(|failure| Usage(failure.message))?);
            write_output(path, picture.as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        (None, None) => serve(arguments, &name, model, files)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the page and the model's answers into one file.
fn export(
    arguments: &Arguments,
    model: &Explorer,
    files: &Files,
    path: &Path,
) -> anyhow::Result<()> {
    let Arguments { probes, snapshots, megabytes, view, .. } = arguments;
    let page = Page::read(files)?;
    let view = view.as_deref().map(|view| opening(view, &page, model)).transpose()?;
    let n_page = html(&page, "", view.as_deref()).len();
    let bytes = ((megabytes * 1e6) as usize).saturating_sub(n_page);
    let room = RecordLimits { probes: *probes, snapshots: *snapshots, bytes };
    let recording = record(model, room).context("the model cannot be recorded")?;
    let html = html(&page, &recording.json(), view.as_deref());
    let size = html.len() as f64 / 1e6;
    if size > *megabytes {
        let least = (size * 10.0).ceil() / 10.0;
        let expected = format!("--megabytes {least}, or fewer --probes or --snapshots");
        return Err(Usage(format!(
            "--megabytes is {megabytes}, and {probes} probes and {snapshots} snapshots take {size:.2} MB \
             with the page; expected {expected}"
        ))
        .into());
    }
    write_output(path, html.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut stdout = io::stdout();
    writeln!(stdout, "{}: {size:.1} MB, {} answers", path.display(), recording.len())?;
    for what in &recording.left_out {
        writeln!(stdout, "left out: {what}")?;
    }
    Ok(())
}

/// The part of an address with which the file opens.
fn opening(view: &str, page: &Page, model: &Explorer) -> anyhow::Result<String> {
    let address = if view.contains('=') { view.to_owned() } else { format!("view={view}") };
    let probes = model.run().map_err(|failure| Usage(failure.message))?.probes;
    let known = |key: &str| -> Option<Vec<&str>> {
        match key {
            "view" => Some(page.views()),
            "probe" => Some(probes.iter().map(|probe| probe.id.as_str()).collect()),
            _ => None,
        }
    };
    for (key, value) in address.split('&').filter_map(|part| part.split_once('=')) {
        let Some(known) = known(key).filter(|known| !known.contains(&value)) else { continue };
        let known = known.join(", ");
        return Err(Usage(format!("--view: no {key} {value:?}, expected one of {known}")).into());
    }
    Ok(address)
}

fn serve(
    arguments: &Arguments,
    name: &str,
    model: Arc<Explorer>,
    files: Files,
) -> anyhow::Result<()> {
    let Arguments { host, port, .. } = arguments;
    let server = Server::open(host, *port, model, files).map_err(|error| match error {
        ServerError::Taken { .. } => Usage(error.to_string()).into(),
        error => anyhow::Error::from(error),
    })?;
    if !is_this_machine(host) {
        print_line(format_args!(
            "warning: --host {host} lets whoever reaches this machine ask the model; there is no password"
        ));
    }
    let address = server.address().context("the server has no address")?;
    let stopper = server.stopper().context("the server has no address")?;
    Signals::first(move |_| stopper.stop()).context("cannot wait for signals")?;
    let mut stdout = io::stdout();
    writeln!(stdout, "{name}: http://{address}/ (Ctrl-C ends)")?;
    stdout.flush()?;
    server.run().context("the server cannot go on")
}

/// An address to listen at, which may have the brackets that an IPv6 one has in a URL.
fn host(argument: &str) -> Result<String, String> {
    let address = argument.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = address.unwrap_or(argument);
    let what = "expected an address or a name";
    match address.contains(':') && !is_ipv6(address) {
        true => Err(format!("{what} without a port, which --port names")),
        false if address.is_empty() || address.contains('/') => Err(what.to_owned()),
        false => Ok(address.to_owned()),
    }
}

/// Whether this is an IPv6 address, which may be followed by a network interface: `fe80::1%eth0`.
fn is_ipv6(address: &str) -> bool {
    address.split('%').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

fn is_this_machine(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => (host, 0)
            .to_socket_addrs()
            .is_ok_and(|mut found| found.all(|address| address.ip().is_loopback())),
    }
}
