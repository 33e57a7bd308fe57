//! What a command costs: time, processor time, memory and disk, for the benchmarks among the examples. Tests judge
//! none of it.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

/// What one run of a command cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// From its start to its end.
    pub time: Duration,
    /// Of all processors, in the programs and in the kernel for them.
    pub cpu: Duration,
    /// The peaks of all its processes together, in KiB.
    pub memory: u64,
    /// The most that was seen below a folder, in KiB of blocks.
    pub disk: u64,
}

/// Runs `command` to its end, and looks all the time at its processes and, if one is named, at what lies below
/// `folder`. Walking that takes time from the command: whoever wants to know the time does not name one.
pub fn run(command: &mut Command, folder: Option<&Path>) -> Cost {
    let cpu = cpu_of_children();
    let begin = Instant::now();
    let mut child = command.spawn().expect("the command starts");
    let mut peaks = HashMap::new();
    let mut disk = 0;
    let mut looked = begin;
    while child.try_wait().expect("a status").is_none() {
        family(child.id(), &mut peaks);
        // A walk takes long where there is much to see.
        if let Some(folder) = folder.filter(|_| looked.elapsed() > Duration::from_millis(50)) {
            disk = disk.max(size(folder));
            looked = Instant::now();
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let time = begin.elapsed();
    assert!(child.wait().expect("an end").success(), "{command:?} failed");
    let cpu = cpu_of_children() - cpu;
    disk = folder.map_or(disk, |folder| disk.max(size(folder)));
    Cost { time, cpu, memory: peaks.values().sum(), disk }
}

/// The costs in the middle of several runs, each for itself.
pub fn median(mut costs: Vec<Cost>) -> Cost {
    let middle = costs.len() / 2;
    costs.sort_by_key(|cost| cost.time);
    let time = costs[middle].time;
    costs.sort_by_key(|cost| cost.cpu);
    let cpu = costs[middle].cpu;
    costs.sort_by_key(|cost| cost.memory);
    let memory = costs[middle].memory;
    costs.sort_by_key(|cost| cost.disk);
    Cost { time, cpu, memory, disk: costs[middle].disk }
}

/// The median of what each run cost compared with the one of the same turn.
pub fn median_ratio(costs: &[Cost], bases: &[Cost], of: fn(&Cost) -> f64) -> f64 {
    let mut ratios: Vec<f64> = costs.iter().zip(bases).map(|(cost, base)| of(cost) / of(base)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// The slope of the logarithms, by least squares: 1 is linear growth, 2 is quadratic.
pub fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<_> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let mean_x = logs.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = logs.iter().map(|(_, y)| y).sum::<f64>() / count;
    let covariance: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    covariance / logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>()
}

/// Of all processes that this one started and that have ended, and of theirs. One benchmark runs one command at a time.
fn cpu_of_children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("an account of it");
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(microseconds).unwrap_or(0))
}

/// The peak of a process and of all below it. Looks often, because the kernel keeps a process's peak only while
/// the process lives.
fn family(pid: u32, peaks: &mut HashMap<u32, u64>) {
    let mut waiting = vec![pid];
    while let Some(pid) = waiting.pop() {
        // A process stands with the thread that started it.
        let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        for thread in threads {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            waiting.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
        peaks.extend(peak(pid).map(|peak| (pid, peak)));
    }
}

fn peak(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn size(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(data) if data.is_dir() => data.blocks() / 2 + size(&entry.path()),
        Ok(data) => data.blocks() / 2,
        Err(_) => 0,
    });
    sizes.sum()
}
