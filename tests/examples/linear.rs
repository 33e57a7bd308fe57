//! How time and memory grow with the size of a lockfile: `./just linear`.
//!
//! For each format, lockfiles of growing size are scanned by the real binary. Printed are wall time and
//! the peak memory of host and worker together, and the exponent of a power law fitted to the times: 1 is
//! linear, 2 is quadratic. Nothing is judged here: a machine's noise is no test.

#![expect(clippy::disallowed_methods, reason = "a benchmark runs the binary on files that it made")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Format {
    file: &'static str,
    sizes: &'static [usize],
    make: fn(usize) -> String,
}

const FORMATS: &[Format] = &[
    Format { file: "package-lock.json", sizes: &[10_000, 20_000, 40_000, 80_000, 150_000], make: package_lock },
    Format { file: "yarn.lock", sizes: &[5_000, 10_000, 20_000, 40_000], make: yarn_lock },
    Format { file: "pnpm-lock.yaml", sizes: &[5_000, 10_000, 20_000, 40_000], make: pnpm_lock },
    Format { file: "Cargo.lock", sizes: &[5_000, 10_000, 20_000, 40_000], make: cargo_lock },
    Format { file: "poetry.lock", sizes: &[5_000, 10_000, 20_000, 40_000], make: poetry_lock },
];

/// Each size is scanned so often; the median counts.
const RUNS: usize = 3;

fn main() {
    println!("{:<18} {:>9} {:>9} {:>10} {:>12}", "file", "packages", "time", "memory", "a package");
    for format in FORMATS {
        let points: Vec<_> = format.sizes.iter().map(|size| (*size, measure(format, *size))).collect();
        for (size, (time, memory)) in &points {
            let each = time.as_secs_f64() * 1e6 / *size as f64;
            let (ms, mib) = (time.as_millis(), memory / 1024);
            println!("{:<18} {size:>9} {ms:>6} ms {mib:>6} MiB {each:>9.1} µs", format.file);
        }
        println!("{:<18} time grows with packages to the power of {:.2}", format.file, exponent(&points));
    }
}

/// The median wall time, and the largest peak memory in KiB.
fn measure(format: &Format, size: usize) -> (Duration, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(format.file), (format.make)(size)).expect("a lockfile");
    let mut runs: Vec<_> = (0..RUNS).map(|_| run(folder.path())).collect();
    runs.sort();
    let memory = runs.iter().map(|(_, memory)| *memory).max().unwrap_or(0);
    (runs[RUNS / 2].0, memory)
}

fn run(repository: &Path) -> (Duration, u64) {
    let data = tempfile::tempdir().expect("a folder");
    let begin = Instant::now();
    let mut child = Command::new(e2e::binary())
        .args(["scan", "--quiet", "--format", "json", "--data-dir"])
        .arg(data.path())
        .arg("--output")
        .arg(data.path().join("report.json"))
        .arg(repository)
        .stdin(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let memory = watch(&mut child);
    assert!(child.wait().expect("an end").success(), "the scan failed");
    (begin.elapsed(), memory)
}

/// The peak memory of a process and its children together, in KiB. Looks often, because the kernel keeps a
/// process's peak only while the process lives.
fn watch(child: &mut Child) -> u64 {
    let mut peaks = std::collections::HashMap::new();
    while child.try_wait().expect("a status").is_none() {
        let own = child.id().to_string();
        let children = fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
        for pid in children.split_whitespace().chain([own.as_str()]) {
            if let Some(peak) = peak(pid) {
                peaks.insert(pid.to_owned(), peak);
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    peaks.values().sum()
}

fn peak(pid: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The slope of the logarithms, by least squares.
fn exponent(points: &[(usize, (Duration, u64))]) -> f64 {
    let logs: Vec<_> = points.iter().map(|(size, (time, _))| ((*size as f64).ln(), time.as_secs_f64().ln())).collect();
    let count = logs.len() as f64;
    let (mean_x, mean_y) =
        (logs.iter().map(|p| p.0).sum::<f64>() / count, logs.iter().map(|p| p.1).sum::<f64>() / count);
    let covariance: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    covariance / logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>()
}

/// Two packages that package `index` of `size` needs: a graph without pattern, with cycles.
fn needs(index: usize, size: usize) -> [usize; 2] {
    [(index * 7 + 1) % size, (index * 13 + 5) % size]
}

fn package_lock(size: usize) -> String {
    let mut text =
        "{\"name\":\"big\",\"lockfileVersion\":3,\"packages\":{\"\":{\"dependencies\":{\"p0\":\"1\"}}".to_owned();
    for index in 0..size {
        let [a, b] = needs(index, size);
        let _ = write!(
            text,
            ",\n\"node_modules/p{index}\":{{\"version\":\"1.{}.0\",\"resolved\":\"https://npm.example/p{index}.tgz\",\
             \"integrity\":\"sha512-{:A>86}==\",\"license\":\"MIT\",\"dependencies\":{{\"p{a}\":\"^1.0.0\",\"p{b}\":\"*\"}}}}",
            index % 50,
            ""
        );
    }
    text + "}}\n"
}

fn yarn_lock(size: usize) -> String {
    let mut text = "# yarn lockfile v1\n".to_owned();
    for index in 0..size {
        let [a, b] = needs(index, size);
        let _ = write!(
            text,
            "\n\np{index}@^1.0.0:\n  version \"1.0.{}\"\n  resolved \"https://npm.example/p{index}.tgz#{:a>40}\"\n  \
             dependencies:\n    p{a} \"^1.0.0\"\n    p{b} \"^1.0.0\"\n",
            index % 50,
            ""
        );
    }
    text
}

fn pnpm_lock(size: usize) -> String {
    let mut text = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      p0:\n        specifier: 1.0.0\n        \
                    version: 1.0.0\n\npackages:\n"
        .to_owned();
    for index in 0..size {
        let _ = write!(text, "\n  p{index}@1.0.0:\n    resolution: {{integrity: sha512-{:A>86}==}}\n", "");
    }
    text += "\nsnapshots:\n";
    for index in 0..size {
        let [a, b] = needs(index, size);
        let _ = write!(text, "\n  p{index}@1.0.0:\n    dependencies:\n      p{a}: 1.0.0\n");
        if a != b {
            let _ = writeln!(text, "      p{b}: 1.0.0");
        }
    }
    text
}

fn cargo_lock(size: usize) -> String {
    let mut text = "version = 4\n".to_owned();
    for index in 0..size {
        let [a, b] = needs(index, size);
        let _ = write!(
            text,
            "\n[[package]]\nname = \"p{index}\"\nversion = \"1.0.0\"\nsource = \"registry+https://crates.example/\"\n\
             checksum = \"{:a>64}\"\ndependencies = [\n \"p{a}\",\n \"p{b}\",\n]\n",
            ""
        );
    }
    text
}

fn poetry_lock(size: usize) -> String {
    let mut text = String::new();
    for index in 0..size {
        let [a, b] = needs(index, size);
        let _ = write!(
            text,
            "[[package]]\nname = \"p{index}\"\nversion = \"1.0.0\"\noptional = false\npython-versions = \">=3.9\"\n\
             files = [\n    {{file = \"p{index}.whl\", hash = \"sha256:{:a>64}\"}},\n]\n\n[package.dependencies]\np{a} = \">=1\"\n",
            ""
        );
        if a != b {
            let _ = writeln!(text, "p{b} = \">=1\"");
        }
        text.push('\n');
    }
    text + "[metadata]\nlock-version = \"2.0\"\npython-versions = \">=3.9\"\ncontent-hash = \"0\"\n"
}
