//! Signals that ask a program to end.
//!
//! The first signal stops a training after the current step, with everything saved; the second one
//! ends the program at once. The exit code is 128 plus the signal's number, as in a shell.
//!
//! A signal that is ignored when the program starts stays ignored: `nohup` does that to SIGHUP, and a
//! shell to the SIGINT of a script's background jobs. Linux says which these are; elsewhere none is.

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
    /// Whether the next signal ends the program at once.
    ends_at_once: Arc<AtomicBool>,
}

impl Signals {
    /// Registers handlers; the first signal stops the training that `interrupter` belongs to.
    pub fn stop(interrupter: Interrupter) -> std::io::Result<Self> {
        let signals = register()?;
        let watched = signals.received.clone();
        thread::spawn(move || pass_on(&watched, &interrupter));
        Ok(signals)
    }

    /// From now on a signal ends the program at once: there is nothing left to be saved.
    pub fn end_at_once(&self) {
        self.ends_at_once.store(true, Ordering::SeqCst);
    }

    /// Registers handlers; the first signal calls `end`, the second one ends the program at once.
    pub fn first(end: impl FnOnce(&'static str) + Send + 'static) -> std::io::Result<()> {
        let signals = register()?;
        thread::spawn(move || end(wait(&signals.received)));
        Ok(())
    }

    /// The program's exit code if a signal was received.
    pub fn exit_code(&self) -> Option<ExitCode> {
        let signal = self.received.load(Ordering::SeqCst);
        (signal != 0).then(|| ExitCode::from(128 + signal as u8))
    }
}

/// Makes a file above the limit of `ulimit -f` an error of writing, as a full disk is one; the signal
/// SIGXFSZ would kill the program with nothing saved.
pub fn limits_are_errors() {
    #[cfg(unix)]
    {
        // The handler's flag is not needed: the write that went too far returns the error.
        let registered = flag::register(SIGXFSZ, Arc::default());
        debug_assert!(registered.is_ok());
    }
}

/// The signal of a file above the limit; the same number on Linux, macOS and the BSDs.
#[cfg(unix)]
const SIGXFSZ: i32 = 25;

/// Registers the handlers of the signals that are not ignored.
fn register() -> std::io::Result<Signals> {
    let received = Arc::new(AtomicUsize::new(0));
    let ends_at_once = Arc::new(AtomicBool::new(false));
    let status = std::fs::read_to_string(STATUS).unwrap_or_default();
    for (signal, _) in SIGNALS {
        if is_ignored(&status, signal) {
            continue;
        }
        // The order matters: the conditional shutdown must see the flag before this signal sets it,
        // so that it acts on the second signal only.
        flag::register_conditional_shutdown(signal, 128 + signal, ends_at_once.clone())?;
        flag::register(signal, ends_at_once.clone())?;
        flag::register_usize(signal, received.clone(), signal as usize)?;
    }
    Ok(Signals { received, ends_at_once })
}

/// Whether this process ignores one of the signals, and so do the programs that it starts.
pub fn any_is_ignored() -> bool {
    let status = std::fs::read_to_string(STATUS).unwrap_or_default();
    SIGNALS.iter().any(|&(signal, _)| is_ignored(&status, signal))
}

/// Where Linux says which signals a process ignores.
const STATUS: &str = "/proc/self/status";

/// Whether a process ignores a signal, by the line `SigIgn:` of its `/proc/PID/status`: a hexadecimal
/// number whose lowest bit is signal 1.
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask >> (signal - 1) & 1 == 1
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_says_which_signals_are_ignored() {
        let status = "Name:\ttrain\nSigBlk:\t0000000000000003\nSigIgn:\t0000000000001001\n";
        assert!(is_ignored(status, 1) && is_ignored(status, 13));
        assert!(!is_ignored(status, consts::SIGINT) && !is_ignored(status, consts::SIGTERM));
        assert!(!is_ignored("", 1));
    }
}
