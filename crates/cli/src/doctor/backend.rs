//! Checks of a backend: the devices it finds, and some seconds of training on it.
//!
//! Each backend is checked in a child process of the same program, so that a driver that crashes or
//! hangs is reported and the other backends are still checked.

use std::{
    env,
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use config::overrides::resolve;
use training::trial::Trial;

use super::{Check, Status};
use crate::device::Backend;

/// The argument with which the program starts itself to check one backend.
pub const EXAMINE: &str = "--examine";

/// Time limit in addition to that of the training: at the first step, GPU backends compile their
/// kernels, which can take a minute.
const STARTUP_LIMIT: Duration = Duration::from_secs(180);
const TINY: &str = include_str!("../../../../configs/tiny.toml");
const ADVICE: &str = "newer drivers may help; until then another --device";
const NOT_STARTED: &str = "that is of the system and not of the backend: a limit on processes, or no \
                           /proc in a container";

/// Checks that a backend was compiled in, and lists those that were not.
pub fn compiled() -> Check {
    let (compiled, others): (Vec<Backend>, Vec<Backend>) =
        Backend::ALL.into_iter().partition(|backend| backend.is_compiled());
    let names = |backends: &[Backend]| -> String {
        backends.iter().map(|backend| backend.name()).collect::<Vec<_>>().join(", ")
    };
    if compiled.is_empty() {
        let advice = format!("cargo run --bin doctor --features NAME, one of {}", names(&others));
        return Check::ok("backends", "none").with_problem(Status::Failed, advice);
    }
    let found = format!("{}; not compiled in: {}", names(&compiled), names(&others));
    Check::ok("backends", found)
}

/// Checks `backend` in a child process, which trains for `seconds`.
pub fn examine_in_child(backend: Backend, seconds: u64) -> Vec<Check> {
    let name = format!("training on {}", backend.name());
    let failed = |found: String, advice: &str| {
        vec![Check::ok(&name, found).with_problem(Status::Failed, advice)]
    };
    let mut command = match env::current_exe() {
        Ok(program) => Command::new(program),
        Err(error) => {
            return failed(format!("this program does not find itself: {error}"), NOT_STARTED);
        }
    };
    command.args([EXAMINE, backend.name(), "--seconds", &seconds.to_string()]);
    match output_within(&mut command, STARTUP_LIMIT + Duration::from_secs(seconds)) {
        Ok(Some((status, stdout, stderr))) => match serde_json::from_str(&stdout) {
            Ok(checks) if status.success() => checks,
            _ => failed(format!("{status}: {}", error_message(&stderr)), ADVICE),
        },
        Ok(None) => {
            failed(format!("no answer within {} s", STARTUP_LIMIT.as_secs() + seconds), ADVICE)
        }
        Err(error) => failed(format!("it cannot be tried: {error}"), NOT_STARTED),
    }
}

/// Exit status, stdout and stderr of a program; `None` if it was killed because it did not end within
/// `limit`.
fn output_within(
    command: &mut Command,
    limit: Duration,
) -> io::Result<Option<(ExitStatus, String, String)>> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stdout = read(child.stdout.take());
    let stderr = read(child.stderr.take());
    let Some(status) = wait(&mut child, limit)? else { return Ok(None) };
    let text = |reader: JoinHandle<String>| reader.join().unwrap_or_default();
    Ok(Some((status, text(stdout), text(stderr))))
}

/// Reads a stream to its end on a thread, so that the child never blocks on a full pipe.
fn read(stream: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes); // after an error, what was read is enough
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begun.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The message of a panic or of an error if there was one, otherwise the last line.
fn error_message(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let panic = lines.iter().position(|line| line.contains("panicked at"));
    let error = || lines.iter().find(|line| line.starts_with("error: ")).or(lines.last());
    let line = panic.map_or_else(error, |index| lines.get(index + 1));
    line.map_or_else(|| "it said nothing".to_owned(), |line| (*line).to_owned())
}

/// Checks `backend` in this process, which a bad driver may crash.
pub fn examine(backend: Backend, seconds: u64) -> anyhow::Result<Vec<Check>> {
    let found = backend.devices();
    let devices = Check::ok(format!("devices of {}", backend.name()), found.join(", "));
    let devices = if found.is_empty() {
        let advice = format!("no driver shows one to {}; another --device", backend.name());
        devices.with_problem(Status::Warning, advice)
    } else {
        devices
    };
    let config = resolve("configs/tiny.toml", TINY, &[])?.config;
    let (device, _) = backend.argument().open("doctor")?;
    let trial = Trial::run(&config, &device, Duration::from_secs(seconds))?;
    Ok(vec![devices, judge(backend, &trial)])
}

fn judge(backend: Backend, trial: &Trial) -> Check {
    let Trial { steps_per_second, first_loss, last_loss, gradient_norm, .. } = trial;
    let Trial { steps, n_parameters, n_gradients, .. } = trial;
    let found = format!(
        "{steps_per_second:.1} steps/s, loss {first_loss:.3} to {last_loss:.3} in {steps} steps, \
         gradients for {n_gradients} of {n_parameters} parameters, norm {gradient_norm:.3}"
    );
    let mut check = Check::ok(format!("training on {}", backend.name()), found);
    check.steps_per_second = Some(*steps_per_second);
    if !(first_loss.is_finite() && last_loss.is_finite() && gradient_norm.is_finite()) {
        check.with_problem(
            Status::Failed,
            format!("its numbers leave the range of numbers; {ADVICE}"),
        )
    } else if n_gradients < n_parameters || *gradient_norm == 0.0 {
        check.with_problem(Status::Failed, format!("gradients are missing; {ADVICE}"))
    } else if last_loss >= first_loss {
        check.with_problem(
            Status::Warning,
            format!("the loss of a text learned by heart should fall; {ADVICE}"),
        )
    } else {
        check
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_judged_by_its_loss_and_its_gradients() {
        let good = Trial {
            steps: 9,
            steps_per_second: 3.0,
            first_loss: 2.0,
            last_loss: 1.0,
            gradient_norm: 0.5,
            n_parameters: 7,
            n_gradients: 7,
        };
        let status = |trial: Trial| judge(Backend::Flex, &trial).status;
        assert_eq!(status(good.clone()), Status::Ok);
        assert_eq!(status(Trial { last_loss: 2.0, ..good.clone() }), Status::Warning);
        assert_eq!(status(Trial { last_loss: f64::NAN, ..good.clone() }), Status::Failed);
        assert_eq!(status(Trial { gradient_norm: f64::INFINITY, ..good.clone() }), Status::Failed);
        assert_eq!(status(Trial { gradient_norm: 0.0, ..good.clone() }), Status::Failed);
        assert_eq!(status(Trial { n_gradients: 6, ..good }), Status::Failed);
    }

    #[test]
    fn the_message_of_a_panic_is_found() {
        let stderr =
            "warning: old\n\nthread 'main' panicked at a.rs:1:2:\nno adapter\nnote: run with\n";
        assert_eq!(error_message(stderr), "no adapter");
        assert_eq!(error_message("a\nb\n\n"), "b");
        assert_eq!(error_message(""), "it said nothing");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_is_ended_and_one_that_talks_is_heard() {
        let sh = |script: &str, limit| {
            output_within(Command::new("sh").args(["-c", script]), Duration::from_millis(limit))
        };
        let begun = Instant::now();
        assert!(sh("exec sleep 60", 100).unwrap().is_none());
        assert!(begun.elapsed() < Duration::from_secs(30));
        // More than a pipe holds.
        let (status, stdout, stderr) =
            sh("head -c 200000 /dev/zero | tr '\\0' x; echo out >&2; exit 3", 60_000)
                .unwrap()
                .unwrap();
        assert_eq!((status.code(), stdout.len(), stderr.as_str()), (Some(3), 200_000, "out\n"));
    }
}
