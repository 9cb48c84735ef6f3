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
        let received = Arc::new(AtomicUsize::new(0));
        let again = Arc::new(AtomicBool::new(false));
        for (signal, _) in SIGNALS {
            // In this order: the second one finds the flag that the first one has set.
            flag::register_conditional_shutdown(signal, 128 + signal, again.clone())?;
            flag::register(signal, again.clone())?;
            flag::register_usize(signal, received.clone(), signal as usize)?;
        }
        let watched = received.clone();
        thread::spawn(move || pass_on(&watched, &interrupter));
        Ok(Self { received })
    }

    /// The program's exit code if a signal has come.
    pub fn exit_code(&self) -> Option<ExitCode> {
        let signal = self.received.load(Ordering::SeqCst);
        (signal != 0).then(|| ExitCode::from(128 + signal as u8))
    }
}

/// A handler may do next to nothing, so a thread waits for what it leaves.
fn pass_on(received: &AtomicUsize, interrupter: &Interrupter) {
    let signal = loop {
        match received.load(Ordering::SeqCst) {
            0 => thread::sleep(LATENCY),
            signal => break signal,
        }
    };
    let name = SIGNALS.iter().find(|(number, _)| *number as usize == signal);
    let name = name.map_or("a signal", |(_, name)| *name);
    tell(format_args!("\n{name}: stopping after this step; once more gives up at once"));
    interrupter.stop(Some(name));
}
