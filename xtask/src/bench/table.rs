//! The comparison as a table.

use super::measure::Run;
use std::fmt::Write as _;

/// A tool and its runs on one file.
pub struct Tool {
    /// What was run, as a reader knows it.
    pub name: String,
    /// One for each round that it took part in.
    pub runs: Vec<Run>,
    /// What it says it read, in words; empty when it does not say.
    pub read: String,
}

/// One file, or several taken together, and how the tools read it; the first tool is ours.
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
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), runs: Vec::new(), read: String::new() }
    }

    /// Whether it did its work in every round.
    pub fn works(&self) -> bool {
        !self.runs.is_empty() && self.runs.iter().all(|run| run.worked)
    }

    /// The median time in seconds; `None` when the tool cannot read the file.
    pub fn seconds(&self) -> Option<f64> {
        self.works().then(|| median(self.runs.iter().map(|run| run.seconds).collect())).flatten()
    }

    /// The median time of the processors.
    pub fn processor(&self) -> Option<f64> {
        self.works().then(|| median(self.runs.iter().filter_map(|run| run.processor).collect())).flatten()
    }

    fn spread(&self) -> Option<(f64, f64)> {
        let seconds = || self.runs.iter().map(|run| run.seconds);
        Some((seconds().min_by(f64::total_cmp)?, seconds().max_by(f64::total_cmp)?))
    }

    /// The most memory of any round.
    pub fn peak(&self) -> Option<u64> {
        self.runs.iter().filter_map(|run| run.peak).max()
    }

    /// The median, over the rounds that both took part in, of what this tool took for each of `ours`.
    pub fn ratio(&self, ours: &Self, part: fn(&Run) -> Option<f64>) -> Option<f64> {
        let pairs = self.runs.iter().zip(&ours.runs);
        let ratios = pairs.filter_map(|(run, our)| Some(part(run)? / part(our)?)).filter(|r| r.is_finite());
        (self.works() && ours.works()).then(|| median(ratios.collect())).flatten()
    }
}

/// Time from start to end, for [`Tool::ratio`].
pub fn wall(run: &Run) -> Option<f64> {
    Some(run.seconds)
}

/// Time of the processors, for [`Tool::ratio`].
pub fn processor(run: &Run) -> Option<f64> {
    run.processor
}

/// The middle of some values; of an even number of them the mean of the two in the middle.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

/// How the columns are to be read.
pub const LEGEND: &str = "Wall and Processor are medians of whole processes, in seconds (least to most of the wall times). \
The ratios are medians over the rounds, each of a pair of neighbouring runs: how many times ours the program took. Memory is \
the highest of any round, of the process that was started; that of helpers is not counted, their processor time is.";

/// The table in Markdown.
pub fn render(rows: &[Row]) -> String {
    let mut text = String::from(
        "| File | Program | Wall | Processor | Wall, times ours | Processor, times ours | Items per second | Peak memory \
         | Read |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        for (index, tool) in row.tools.iter().enumerate() {
            let file =
                if index == 0 { format!("{} ({:.1} MB)", row.name, mega(row.bytes)) } else { String::new() };
            let _ = write!(text, "| {file} | {} |", tool.name);
            let Some(seconds) = tool.seconds() else {
                text.push_str(" cannot read it | | | | | | |\n");
                continue;
            };
            let (least, most) = tool.spread().unwrap_or((seconds, seconds));
            let ours = row.tools.first().filter(|_| index > 0);
            let times = |part: fn(&Run) -> Option<f64>| {
                ours.and_then(|ours| tool.ratio(ours, part)).map(|r| format!("{r:.2}")).unwrap_or_default()
            };
            // Only ours says how many items it read.
            let rate = if index == 0 { format!("{:.0}", row.items as f64 / seconds) } else { String::new() };
            let processor = tool.processor().map(|s| format!("{s:.2}")).unwrap_or_default();
            let peak = tool.peak().map(|peak| format!("{:.1} MB", mega(peak))).unwrap_or_default();
            let _ = writeln!(
                text,
                " {seconds:.3} ({least:.3} to {most:.3}) | {processor} | {} | {} | {rate} | {peak} | {} |",
                times(wall),
                times(self::processor),
                tool.read
            );
        }
    }
    text
}

/// Millions, of bytes.
pub fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// What was aimed at, and what came of it.
pub struct Target {
    /// In words.
    pub what: String,
    /// What was measured; `None` when it could not be.
    pub measured: Option<f64>,
    /// What it may be at most (or, with `at_least`, at least).
    pub limit: f64,
    /// Whether more is better.
    pub at_least: bool,
}

/// Targets as a table.
pub fn targets(targets: &[Target]) -> String {
    let mut text = String::from("| Aim | Wanted | Measured | |\n|---|---|---|---|\n");
    for Target { what, measured, limit, at_least } in targets {
        let sign = if *at_least { "≥" } else { "≤" };
        let (value, verdict) = match measured {
            None => ("not measured".to_owned(), ""),
            Some(value) if (value >= limit) == *at_least || value == limit => {
                (format!("{value:.3}"), "reached")
            }
            Some(value) => (format!("{value:.3}"), "**missed**"),
        };
        let _ = writeln!(text, "| {what} | {sign} {limit:.3} | {value} | {verdict} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str, seconds: &[f64], worked: bool) -> Tool {
        let run =
            |&seconds: &f64| Run { seconds, processor: Some(seconds * 2.0), peak: Some(20_000_000), worked };
        Tool { runs: seconds.iter().map(run).collect(), ..Tool::new(name) }
    }

    #[test]
    fn medians() {
        let check = |values: &[f64], expected| assert_eq!(median(values.to_vec()), expected, "{values:?}");
        check(&[], None);
        check(&[3.0], Some(3.0));
        check(&[9.0, 1.0, 2.0], Some(2.0));
        check(&[4.0, 1.0, 2.0, 9.0], Some(3.0));
    }

    #[test]
    fn ratios_are_those_of_pairs() {
        let ours = tool("ours", &[1.0, 2.0, 4.0], true);
        let check = |seconds: &[f64], worked, want| {
            assert_eq!(tool("other", seconds, worked).ratio(&ours, wall), want, "{seconds:?}");
        };
        check(&[2.0, 8.0, 12.0], true, Some(3.0));
        check(&[5.0], true, Some(5.0));
        check(&[5.0], false, None);
        check(&[], true, None);
    }

    #[test]
    fn the_table_tells_times_and_what_cannot_be_read() {
        let tools = vec![
            tool("ours", &[0.5, 0.4, 0.9], true),
            Tool { read: "100 files".into(), ..tool("slow", &[1.0, 1.1, 0.9], true) },
            tool("blind", &[0.1], false),
        ];
        let text = render(&[Row { name: "a.pst".into(), bytes: 2_000_000, items: 100, tools }]);
        for line in [
            "| a.pst (2.0 MB) | ours | 0.500 (0.400 to 0.900) | 1.00 |  |  | 200 | 20.0 MB |  |\n",
            "|  | slow | 1.000 (0.900 to 1.100) | 2.00 | 2.00 | 2.00 |  | 20.0 MB | 100 files |\n",
            "|  | blind | cannot read it | | | | | | |\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }

    #[test]
    fn targets_are_judged() {
        let check = |measured, limit, at_least, want: &str| {
            let text = targets(&[Target { what: "x".into(), measured, limit, at_least }]);
            assert!(text.ends_with(want), "{text}");
        };
        check(Some(0.3), 0.333, false, "| ≤ 0.333 | 0.300 | reached |\n");
        check(Some(0.4), 0.333, false, "| ≤ 0.333 | 0.400 | **missed** |\n");
        check(Some(1.8), 1.7, true, "| ≥ 1.700 | 1.800 | reached |\n");
        check(Some(1.7), 1.7, true, "reached |\n");
        check(None, 1.7, true, "not measured |  |\n");
    }
}
