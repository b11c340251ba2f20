//! The comparison as a table.

use super::measure::Run;
use std::fmt::Write as _;

/// A tool and its runs on one file.
pub struct Tool {
    /// What was run, as a reader knows it.
    pub name: &'static str,
    /// One for each round.
    pub runs: Vec<Run>,
}

/// One file and how the tools read it; the first tool is ours.
pub struct Row {
    /// File name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The items that Mailscope read from it.
    pub items: u64,
    /// Ours first.
    pub tools: Vec<Tool>,
}

impl Tool {
    /// A tool that has not run yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, runs: Vec::new() }
    }

    /// The median time in seconds; `None` when the tool cannot read the file.
    fn seconds(&self) -> Option<f64> {
        let mut seconds: Vec<f64> = self.runs.iter().filter(|run| run.wrote).map(|run| run.seconds).collect();
        seconds.sort_by(f64::total_cmp);
        (seconds.len() == self.runs.len()).then(|| median(&seconds)).flatten()
    }

    fn spread(&self) -> Option<(f64, f64)> {
        let seconds = || self.runs.iter().map(|run| run.seconds);
        Some((seconds().min_by(f64::total_cmp)?, seconds().max_by(f64::total_cmp)?))
    }

    fn peak(&self) -> Option<u64> {
        self.runs.iter().filter_map(|run| run.peak).max()
    }
}

/// The middle of sorted values; of an even number of them the mean of the two in the middle.
fn median(sorted: &[f64]) -> Option<f64> {
    let (low, high) = (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

/// The table in Markdown, with what it was measured on.
pub fn render(rows: &[Row], machine: &str, rounds: usize) -> String {
    let mut text = format!(
        "# Import, beside tools that export\n\n\
         Written by `cargo xtask bench import` on {machine}.\n\n\
         `mailscope import` reads the whole file into a fresh library, stored and searchable at the end; `readpst -e` and\n\
         `pffexport` (items only) write files. {rounds} rounds, the tools taking turns; the file is in the system's cache.\n\
         Time is the median (least to most) of whole processes. Memory is the highest of any round, of the process that was\n\
         started; helpers that it starts are not counted.\n\n\
         | File | Tool | Time | Times ours | Items per second | Peak memory |\n|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let ours = row.tools.first().and_then(Tool::seconds);
        for (index, tool) in row.tools.iter().enumerate() {
            let file =
                if index == 0 { format!("{} ({:.1} MB)", row.name, mega(row.bytes)) } else { String::new() };
            let _ = write!(text, "| {file} | {} |", tool.name);
            let Some(seconds) = tool.seconds() else {
                text.push_str(" cannot read it | | | |\n");
                continue;
            };
            let (least, most) = tool.spread().unwrap_or((seconds, seconds));
            let ratio =
                ours.filter(|_| index > 0).map(|ours| format!("{:.2}", seconds / ours)).unwrap_or_default();
            // Only ours says how many items it read.
            let rate = if index == 0 { format!("{:.0}", row.items as f64 / seconds) } else { String::new() };
            let peak = tool.peak().map(|peak| format!("{:.0} MB", mega(peak))).unwrap_or_default();
            let _ = writeln!(text, " {seconds:.3} s ({least:.3} to {most:.3}) | {ratio} | {rate} | {peak} |");
        }
    }
    text
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &'static str, seconds: &[f64], wrote: bool) -> Tool {
        let runs = seconds.iter().map(|&seconds| Run { seconds, peak: Some(20_000_000), wrote }).collect();
        Tool { name, runs }
    }

    #[test]
    fn medians() {
        let check = |values: &[f64], expected| assert_eq!(median(values), expected, "{values:?}");
        check(&[], None);
        check(&[3.0], Some(3.0));
        check(&[1.0, 2.0, 9.0], Some(2.0));
        check(&[1.0, 2.0, 4.0, 9.0], Some(3.0));
    }

    #[test]
    fn the_table_tells_times_and_what_cannot_be_read() {
        let tools = vec![
            tool("ours", &[0.5, 0.4, 0.9], true),
            tool("slow", &[1.0, 1.1, 0.9], true),
            tool("blind", &[0.1], false),
        ];
        let text =
            render(&[Row { name: "a.pst".into(), bytes: 2_000_000, items: 100, tools }], "a machine", 3);
        assert!(
            text.contains("| a.pst (2.0 MB) | ours | 0.500 s (0.400 to 0.900) |  | 200 | 20 MB |\n"),
            "{text}"
        );
        assert!(text.contains("|  | slow | 1.000 s (0.900 to 1.100) | 2.00 |  | 20 MB |\n"), "{text}");
        assert!(text.contains("|  | blind | cannot read it | | | |\n"), "{text}");
    }
}
