//! Signals that ask a program to end.
//!
//! The first signal stops a training after the current step, with everything saved; the second one
//! ends the program at once. The exit code is 128 plus the signal's number, as in a shell.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use burn::train::Interrupter;
use signal_hook::{consts, flag};

use crate::stderr::print_line;

/// Interval at which a thread polls for a signal.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

#[cfg(unix)]
const SIGNALS: [(i32, &str); 3] =
    [(consts::SIGINT, "Ctrl-C"), (consts::SIGTERM, "SIGTERM"), (consts::SIGHUP, "SIGHUP")];
#[cfg(not(unix))]
const SIGNALS: [(i32, &str); 2] = [(consts::SIGINT, "Ctrl-C"), (consts::SIGTERM, "SIGTERM")];

/// The signal that was received, if any.
pub struct Signals {
    /// Number of the signal, 0 for none.
    received: Arc<AtomicUsize>,
}

impl Signals {
    /// Registers handlers; the first signal stops the training that `interrupter` belongs to.
    pub fn stop(interrupter: Interrupter) -> std::io::Result<Self> {
        let received = register()?;
        let watched = received.clone();
        thread::spawn(move || pass_on(&watched, &interrupter));
        Ok(Self { received })
    }

    /// Registers handlers; the first signal calls `end`, the second one ends the program at once.
    pub fn first(end: impl FnOnce(&'static str) + Send + 'static) -> std::io::Result<()> {
        let received = register()?;
        thread::spawn(move || end(wait(&received)));
        Ok(())
    }

    /// The program's exit code if a signal was received.
    pub fn exit_code(&self) -> Option<ExitCode> {
        let signal = self.received.load(Ordering::SeqCst);
        (signal != 0).then(|| ExitCode::from(128 + signal as u8))
    }
}

/// Registers the handlers, and returns where they store the number of a signal.
fn register() -> std::io::Result<Arc<AtomicUsize>> {
    let received = Arc::new(AtomicUsize::new(0));
    let again = Arc::new(AtomicBool::new(false));
    for (signal, _) in SIGNALS {
        // The order matters: the conditional shutdown must see the flag before this signal sets it,
        // so that it acts on the second signal only.
        flag::register_conditional_shutdown(signal, 128 + signal, again.clone())?;
        flag::register(signal, again.clone())?;
        flag::register_usize(signal, received.clone(), signal as usize)?;
    }
    Ok(received)
}

/// Waits for the first signal and returns its name. Signal handlers may do almost nothing, so a thread
/// polls the number that they store.
fn wait(received: &AtomicUsize) -> &'static str {
    let signal = loop {
        match received.load(Ordering::SeqCst) {
            0 => thread::sleep(POLL_INTERVAL),
            signal => break signal,
        }
    };
    let name = SIGNALS.iter().find(|(number, _)| *number as usize == signal);
    name.map_or("a signal", |(_, name)| *name)
}

fn pass_on(received: &AtomicUsize, interrupter: &Interrupter) {
    let name = wait(received);
    print_line(format_args!("\n{name}: stopping after this step; once more gives up at once"));
    interrupter.stop(Some(name));
}
