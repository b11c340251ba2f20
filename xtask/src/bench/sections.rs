//! Pages of results with a section for each size that was measured, of which one is written anew at a time.

/// The title of the section on a size.
pub fn title(items: u64) -> String {
    format!("## {items} items\n")
}

/// The page with this section in place of an earlier one of the same size, smaller sizes first, behind `head`. What else was on it
/// before, sections of another kind included, is dropped.
pub fn page(head: &str, before: &str, items: u64, section: &str) -> String {
    let mut sections: Vec<(u64, String)> = before
        .split("\n## ")
        .skip(1)
        .filter_map(|text| {
            let size: u64 = text.split_once(" items\n")?.0.parse().ok()?;
            (size != items).then(|| (size, format!("## {}\n", text.trim_end())))
        })
        .collect();
    sections.push((items, section.trim_end().to_owned() + "\n"));
    sections.sort_by_key(|(size, _)| *size);
    let sections: Vec<String> = sections.into_iter().map(|(_, text)| text).collect();
    format!("{head}{}", sections.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_takes_the_place_of_its_last_measurement() {
        let check = |before: &str, items, section: &str, expected: &str| {
            let page = page("# Title\n\n", before, items, section);
            assert_eq!(page.strip_prefix("# Title\n\n"), Some(expected));
            page
        };
        let first = check("", 100, "## 100 items\n\nold\n", "## 100 items\n\nold\n");
        let both = check(&first, 20, "## 20 items\n\nx\n", "## 20 items\n\nx\n\n## 100 items\n\nold\n");
        check(&both, 100, "## 100 items\n\nnew\n", "## 20 items\n\nx\n\n## 100 items\n\nnew\n");
        check("# Title\n\n## Other\n\nwords\n", 7, "## 7 items\n", "## 7 items\n");
    }
}
