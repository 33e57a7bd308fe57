//! How time and memory grow with the size of a lockfile: `./just linear`.
//!
//! For each format, lockfiles of growing size are scanned by the real binary. Printed are wall time and
//! the peak memory of host and worker together, and the exponents of power laws fitted to them: 1 is
//! linear, 2 is quadratic. Nothing is judged here: a machine's noise is no test.

#![expect(clippy::disallowed_methods, reason = "a benchmark runs the binary on files that it made")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use e2e::measure::{self, Cost};

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
        for (size, cost) in &points {
            let each = cost.time.as_secs_f64() * 1e6 / *size as f64;
            let (ms, mib) = (cost.time.as_millis(), cost.memory / 1024);
            println!("{:<18} {size:>9} {ms:>6} ms {mib:>6} MiB {each:>9.1} µs", format.file);
        }
        let slope = |of: fn(&Cost) -> f64| {
            measure::exponent(&points.iter().map(|(size, cost)| (*size as f64, of(cost))).collect::<Vec<_>>())
        };
        let (time, memory) = (slope(|cost| cost.time.as_secs_f64()), slope(|cost| cost.memory as f64));
        println!("{:<18} time grows with packages to the power of {time:.2}, memory {memory:.2}", format.file);
    }
}

fn measure(format: &Format, size: usize) -> Cost {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(format.file), (format.make)(size)).expect("a lockfile");
    measure::median((0..RUNS).map(|_| run(folder.path())).collect())
}

fn run(repository: &Path) -> Cost {
    let data = tempfile::tempdir().expect("a folder");
    let mut scan = Command::new(e2e::binary());
    scan.args(["scan", "--quiet", "--format", "json", "--data-dir"])
        .arg(data.path())
        .arg("--output")
        .arg(data.path().join("report.json"))
        .arg(repository)
        .stdin(Stdio::null());
    measure::run(&mut scan, None)
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
