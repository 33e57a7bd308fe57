//! Compiles a scanner in a process of its own, as hostile as any that reads what others wrote: a compiler's time and
//! memory are what its input makes of them.
//!
//! The process is our own binary again, with nothing inherited and less to have: it gets bytes on its standard input and
//! gives bytes on its standard output, and whoever started it writes those to the disk. `process` is its side,
//! `fit` what it asks of a scanner before it compiles one.

mod fit;
mod process;

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdout};

use super::child;
use crate::limits::{ARTEFACT_BYTES_MAX, COMPILER_MEMORY_BYTES, SCANNER_BYTES_MAX, STDERR_TAIL_BYTES};
use crate::text;

pub use process::main;

/// The hidden subcommand that makes our binary a compiler.
pub const SUBCOMMAND: &str = "compile";

/// Why there is no compiled scanner.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// It is larger than any that we compile.
    #[error("it has more than {SCANNER_BYTES_MAX} bytes")]
    TooLarge,
    /// It is not what a scanner must be.
    #[error("{0}")]
    Unfit(String),
    /// It takes too long.
    #[error("it was not compiled within {}", humantime::format_duration(*.0))]
    TooSlow(Duration),
    /// The compiler was stopped, or crashed.
    #[error("the compiler ended early ({how}): it may have no more than {} MiB of memory. {said}", COMPILER_MEMORY_BYTES >> 20)]
    Ended {
        /// How the process ended.
        how: String,
        /// The end of its standard error.
        said: String,
    },
    /// The process could not be started or spoken to.
    #[error("no process could be started for compiling: {0}")]
    Process(#[from] io::Error),
}

/// What the compiler is told, as one line; the WebAssembly follows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    bytes: u64,
    cpu_seconds: u64,
}

/// What it answers, as one line; what was compiled follows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Answer {
    Compiled { bytes: u64 },
    Unfit(String),
}

/// The answer's line. Messages of validators are short, but they quote names.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// Has `program`, which is our own binary, compile this WebAssembly, and writes the result into `into`. Waits for
/// it, so it is nothing for a thread that serves others.
pub fn compile(program: &Path, wasm: &[u8], deadline: Duration, into: &mut dyn Write) -> Result<(), CompileError> {
    if wasm.len() as u64 > SCANNER_BYTES_MAX {
        return Err(CompileError::TooLarge);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut child = child::start(program, SUBCOMMAND, Path::new("/"))?;
        let heard = tokio::time::timeout(deadline, converse(&mut child, wasm, deadline, into)).await;
        child::kill_group(&child);
        let status = child.wait().await?;
        match heard {
            Err(_) => Err(CompileError::TooSlow(deadline)),
            Ok((Ok(()), _)) => Ok(()),
            Ok((Err(Heard::Unfit(why)), _)) => Err(CompileError::Unfit(why)),
            Ok((Err(Heard::Io(error)), _)) => Err(CompileError::Process(error)),
            Ok((Err(Heard::Nothing), said)) => Err(silent(status, deadline, said)),
        }
    })
}

/// Why a compiler gave nothing.
enum Heard {
    Unfit(String),
    /// Our own disk failed.
    Io(io::Error),
    Nothing,
}

async fn converse(
    child: &mut Child,
    wasm: &[u8],
    deadline: Duration,
    into: &mut dyn Write,
) -> (Result<(), Heard>, String) {
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(stderr)) = pipes else { return (Err(Heard::Nothing), String::new()) };
    let order = Order { bytes: wasm.len() as u64, cpu_seconds: deadline.as_secs().max(1) };
    let giving = async move {
        let mut line = serde_json::to_vec(&order).unwrap_or_default();
        line.push(b'\n');
        // Whoever ends before it has read everything says why, or its end does.
        let _broken = stdin.write_all(&line).await;
        let _broken = stdin.write_all(wasm).await;
    };
    let ((), taken, said) = tokio::join!(giving, take(stdout, into), tail(stderr));
    (taken, said)
}

async fn take(stdout: ChildStdout, into: &mut dyn Write) -> Result<(), Heard> {
    let mut reader = BufReader::with_capacity(256 * 1024, stdout);
    let mut line = Vec::new();
    let read = (&mut reader).take(ANSWER_BYTES_MAX).read_until(b'\n', &mut line).await;
    let answer = read.ok().and_then(|_| serde_json::from_slice(&line).ok());
    let bytes = match answer {
        Some(Answer::Compiled { bytes }) if bytes <= ARTEFACT_BYTES_MAX => bytes,
        Some(Answer::Compiled { bytes }) => {
            return Err(Heard::Unfit(format!("compiled it has {bytes} bytes, {ARTEFACT_BYTES_MAX} are the most")));
        }
        Some(Answer::Unfit(why)) => return Err(Heard::Unfit(text::clean(&why.replace('\n', " ")).into_owned())),
        None => return Err(Heard::Nothing),
    };
    let mut left = bytes;
    let mut buffer = vec![0; 256 * 1024];
    while left > 0 {
        let length = reader.read(&mut buffer).await.map_err(|_| Heard::Nothing)?;
        let some = buffer.get(..length).filter(|some| !some.is_empty() && some.len() as u64 <= left);
        let some = some.ok_or(Heard::Nothing)?;
        into.write_all(some).map_err(Heard::Io)?;
        left -= some.len() as u64;
    }
    Ok(())
}

/// The end of what it says on its standard error.
async fn tail(mut stderr: impl AsyncRead + Unpin) -> String {
    let mut tail = Vec::new();
    let mut buffer = vec![0; 4096];
    while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
        tail.extend_from_slice(buffer.get(..length).unwrap_or_default());
        let surplus = tail.len().saturating_sub(STDERR_TAIL_BYTES);
        tail.drain(..surplus);
    }
    text::clean_lines(String::from_utf8_lossy(&tail).trim())
}

fn silent(status: ExitStatus, deadline: Duration, said: String) -> CompileError {
    if status.signal() == Some(Signal::XCPU.as_raw()) {
        return CompileError::TooSlow(deadline);
    }
    CompileError::Ended { how: status.to_string(), said }
}
