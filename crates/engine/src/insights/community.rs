//! Groups of people who write to each other more than to others: modularity, moved to its maximum greedily (the first phase of the
//! method of Louvain), in a fixed order, so that the same mail always gives the same groups.

use std::collections::HashMap;

/// Rounds over all people; the groups settle in far fewer.
const MAX_ROUNDS: usize = 50;

/// The group of each of `count` people, given who writes to whom how often. Groups are numbered by their size, the largest is 0.
pub fn communities(count: usize, links: &[(u32, u32, u64)]) -> Vec<u32> {
    let mut near: Vec<HashMap<usize, f64>> = vec![HashMap::new(); count];
    let mut total = 0.0;
    for (from, to, weight) in links {
        let (from, to, weight) = (*from as usize, *to as usize, *weight as f64);
        if from == to || from >= count || to >= count {
            continue;
        }
        *near[from].entry(to).or_default() += weight;
        *near[to].entry(from).or_default() += weight;
        total += weight;
    }
    let degree: Vec<f64> = near.iter().map(|near| near.values().sum()).collect();
    let mut group: Vec<usize> = (0..count).collect();
    let mut weight_of = degree.clone();
    for _ in 0..MAX_ROUNDS {
        let mut moved = false;
        for person in 0..count {
            if degree[person] == 0.0 {
                continue;
            }
            let mut ties: HashMap<usize, f64> = HashMap::new();
            for (other, weight) in &near[person] {
                *ties.entry(group[*other]).or_default() += weight;
            }
            let home = group[person];
            weight_of[home] -= degree[person];
            let gain =
                |candidate: usize, ties: f64| ties - weight_of[candidate] * degree[person] / (2.0 * total);
            let stay = gain(home, ties.get(&home).copied().unwrap_or_default());
            let best = ties
                .iter()
                .map(|(candidate, ties)| (gain(*candidate, *ties), *candidate))
                .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
            // A move must be worth it, or two groups would pass a person to and fro.
            let to = best.filter(|(worth, _)| *worth > stay + 1e-9).map_or(home, |(_, candidate)| candidate);
            weight_of[to] += degree[person];
            if to != home {
                group[person] = to;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    numbered(&group)
}

fn numbered(group: &[usize]) -> Vec<u32> {
    let mut sizes: HashMap<usize, (usize, usize)> = HashMap::new();
    for (person, group) in group.iter().enumerate() {
        sizes.entry(*group).or_insert((0, person)).0 += 1;
    }
    let mut order: Vec<(usize, (usize, usize))> = sizes.into_iter().collect();
    order.sort_unstable_by_key(|(_, (size, first))| (std::cmp::Reverse(*size), *first));
    let numbers: HashMap<usize, u32> = (0..).zip(order).map(|(number, (group, _))| (group, number)).collect();
    group.iter().map(|group| numbers.get(group).copied().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: usize, links: &[(u32, u32, u64)], expected: &[u32]) {
        assert_eq!(communities(count, links), expected, "{links:?}");
    }

    #[test]
    fn groups() {
        check(0, &[], &[]);
        check(3, &[], &[0, 1, 2]);
        check(2, &[(0, 0, 9), (0, 1, 1)], &[0, 0]);
        let two = [(0, 1, 9), (1, 2, 9), (0, 2, 9), (2, 3, 1), (3, 4, 9), (4, 5, 9), (3, 5, 9), (5, 6, 9)];
        check(7, &two, &[1, 1, 1, 0, 0, 0, 0]);
        check(4, &[(0, 9, 1), (7, 8, 1), (2, 3, 1)], &[1, 2, 0, 0]);
    }
}
