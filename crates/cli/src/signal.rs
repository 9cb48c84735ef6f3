//! Signals that ask a training to end.
//!
//! The first one ends it after its step, with everything saved; the second one ends the program at
//! once. The exit code is 128 and the signal's number, as a shell has it.

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

use crate::tell::tell;

/// How long a signal waits at most before it is passed on.
const LATENCY: Duration = Duration::from_millis(20);

#[cfg(unix)]
const SIGNALS: [(i32, &str); 3] =
    [(consts::SIGINT, "Ctrl-C"), (consts::SIGTERM, "SIGTERM"), (consts::SIGHUP, "SIGHUP")];
#[cfg(not(unix))]
const SIGNALS: [(i32, &str); 2] = [(consts::SIGINT, "Ctrl-C"), (consts::SIGTERM, "SIGTERM")];

/// Which signal has come.
pub struct Signals {
    /// Its number, 0 for none.
    received: Arc<AtomicUsize>,
}

impl Signals {
    /// From now on, the first signal stops what `interrupter` interrupts.
    pub fn stop(interrupter: Interrupter) -> std::io::Result<Self> {
        let received = register()?;
        let watched = received.clone();
        thread::spawn(move || pass_on(&watched, &interrupter));
        Ok(Self { received })
    }

    /// The first signal calls `end`, the second one ends the program at once.
    pub fn first(end: impl FnOnce(&'static str) + Send + 'static) -> std::io::Result<()> {
        let received = register()?;
        thread::spawn(move || end(wait(&received)));
        Ok(())
    }

    /// The program's exit code if a signal has come.
    pub fn exit_code(&self) -> Option<ExitCode> {
        let signal = self.received.load(Ordering::SeqCst);
        (signal != 0).then(|| ExitCode::from(128 + signal as u8))
    }
}

/// Where the number of the first signal will stand.
fn register() -> std::io::Result<Arc<AtomicUsize>> {
    let received = Arc::new(AtomicUsize::new(0));
    let again = Arc::new(AtomicBool::new(false));
    for (signal, _) in SIGNALS {
        // In this order: the second one finds the flag that the first one has set.
        flag::register_conditional_shutdown(signal, 128 + signal, again.clone())?;
        flag::register(signal, again.clone())?;
        flag::register_usize(signal, received.clone(), signal as usize)?;
    }
    Ok(received)
}

/// The name of the first signal. A handler may do next to nothing, so a thread waits for what it leaves.
fn wait(received: &AtomicUsize) -> &'static str {
    let signal = loop {
        match received.load(Ordering::SeqCst) {
            0 => thread::sleep(LATENCY),
            signal => break signal,
        }
    };
    let name = SIGNALS.iter().find(|(number, _)| *number as usize == signal);
    name.map_or("a signal", |(_, name)| *name)
}

fn pass_on(received: &AtomicUsize, interrupter: &Interrupter) {
    let name = wait(received);
    tell(format_args!("\n{name}: stopping after this step; once more gives up at once"));
    interrupter.stop(Some(name));
}
