//! A program with all the processes that it started.

use std::{fs, thread, time::Duration};

use anyhow::{Context, Result, ensure};

/// The processes beneath one, itself included, as they are now.
pub(super) struct Tree {
    processes: Vec<u32>,
}

impl Tree {
    pub(super) fn of(root: u32) -> Self {
        let all: Vec<(u32, u32)> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(|process| Some((process, parent_of(process)?)))
            .collect();
        let mut processes = vec![root];
        let mut next = 0;
        while let Some(&parent) = processes.get(next) {
            processes.extend(
                all.iter()
                    .filter(|(_, of)| *of == parent)
                    .map(|(process, _)| *process),
            );
            next += 1;
        }
        Self { processes }
    }

    /// The sum of their proportional set sizes: what they share with each other is counted once.
    pub(super) fn memory_bytes(&self) -> Result<u64> {
        let total_kib: u64 = self
            .processes
            .iter()
            .filter_map(|process| fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok())
            .filter_map(|rollup| {
                let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
                line.split_whitespace().nth(1)?.parse::<u64>().ok()
            })
            .sum();
        ensure!(total_kib > 0, "the window is gone");
        Ok(total_kib * 1024)
    }

    /// Processor time that they took until now.
    pub(super) fn busy(&self) -> Duration {
        let ticks: u64 = self
            .processes
            .iter()
            .filter_map(|process| Some(fields(*process)?.into_iter().skip(13).take(2)))
            .flatten()
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        let ticks_per_s = rustix::param::clock_ticks_per_second();
        Duration::from_secs_f64(ticks as f64 / ticks_per_s as f64)
    }

    /// How much of a core they keep busy from now on for so long: 1 is all of one.
    pub(super) fn busy_share(&self, during: Duration) -> Result<f64> {
        let before = self.busy();
        thread::sleep(during);
        let after = self.busy();
        let took = after
            .checked_sub(before)
            .context("a process of the window ended")?;
        Ok(took.as_secs_f64() / during.as_secs_f64())
    }
}

fn parent_of(process: u32) -> Option<u32> {
    fields(process)?.get(3)?.parse().ok()
}

/// What the kernel says in `/proc/PID/stat`; a name with spaces is one field.
fn fields(process: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (start, rest) = text.rsplit_once(')')?;
    Some(
        ["", start]
            .into_iter()
            .chain(rest.split_whitespace())
            .map(ToOwned::to_owned)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn children_are_counted_with_their_program() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let tree = Tree::of(std::process::id());
        assert!(tree.processes.contains(&child.id()));
        assert!(tree.memory_bytes().unwrap() > Tree::of(child.id()).memory_bytes().unwrap());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(Tree::of(child.id()).memory_bytes().is_err());
    }

    #[test]
    fn who_is_asleep_keeps_no_core_busy() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let share = Tree::of(child.id())
            .busy_share(Duration::from_millis(100))
            .unwrap();
        assert!(share < 0.5, "{share}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
