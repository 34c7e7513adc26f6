//! Writes what happened into the file, where it is to be read from then on.

use crate::markdown;
use crate::play::Played;
use crate::scenario::{Block, Scenario};

/// The text of the file with every expected block as it was played; prose and steps stay as they are.
pub fn rewrite(scenario: &Scenario, text: &str, played: &Played) -> String {
    let fences = markdown::read(&scenario.path, text, &mut Vec::new()).fences;
    let blocks = scenario.blocks.iter().filter_map(|block| match block {
        Block::Expected(expected) => Some(expected),
        Block::Steps(_) => None,
    });
    let actual: Vec<(u32, &Vec<String>)> =
        blocks.zip(&played.blocks).map(|(block, lines)| (block.line, lines)).collect();
    let mut out = String::with_capacity(text.len());
    let mut skip_to = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        if number < skip_to {
            continue;
        }
        out.push_str(line);
        let Some((_, lines)) = actual.iter().find(|(at, _)| *at == number) else { continue };
        let Some(fence) = fences.iter().find(|fence| fence.line == number) else { continue };
        for line in *lines {
            out.push_str(line);
            out.push('\n');
        }
        skip_to = number + 1 + u32::try_from(fence.lines.len()).unwrap_or(u32::MAX);
    }
    out
}
