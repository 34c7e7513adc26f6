//! Batches: a line in, a line out, in order. Whoever reads the other end of the pipe has each answer as soon as its line
//! was written, and no line ends the batch.

use std::io::{self, BufRead, Read, Write};

use crate::failure::Failure;

/// Longest line of a batch, in bytes without its end. Longer ones are answered with an error and never held whole.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// Why a line has no text to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoText {
    /// Over [`LINE_BYTES_MAX`]; read to its end, not kept.
    TooLong,
    /// Not UTF-8.
    NotUtf8,
    /// Nothing but blanks.
    Empty,
}

/// Answers every line of the input. `answer` gets the line's number, from 1, and its text; it returns one line.
pub fn answer_each(
    input: &mut impl BufRead,
    out: &mut impl Write,
    mut answer: impl FnMut(u64, Result<&str, NoText>) -> String,
) -> Result<(), Failure> {
    let mut line = Vec::new();
    let mut number: u64 = 0;
    loop {
        let read = next_line(input, &mut line)
            .map_err(|error| Failure::local("INPUT", "无法读取标准输入。", error.to_string()))?;
        let text = match read {
            Line::End => return Ok(()),
            Line::Whole => text(&line),
            Line::TooLong => Err(NoText::TooLong),
        };
        number += 1;
        writeln!(out, "{}", answer(number, text))
            .and_then(|()| out.flush())
            .map_err(|error| Failure::local("OUTPUT", "无法写入标准输出。", error.to_string()))?;
    }
}

fn text(line: &[u8]) -> Result<&str, NoText> {
    let text = std::str::from_utf8(line).map_err(|_| NoText::NotUtf8)?.trim_start_matches('\u{FEFF}');
    if text.trim().is_empty() { Err(NoText::Empty) } else { Ok(text) }
}

enum Line {
    /// Within the limit; without its end.
    Whole,
    TooLong,
    /// No more lines.
    End,
}

/// Reads the next line, in as much memory as the longest lawful one takes.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let limit = LINE_BYTES_MAX as u64 + 2;
    if input.by_ref().take(limit).read_until(b'\n', line)? == 0 {
        return Ok(Line::End);
    }
    let ended = line.last() == Some(&b'\n');
    if ended {
        line.pop();
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    if line.len() <= LINE_BYTES_MAX {
        return Ok(Line::Whole);
    }
    if !ended {
        input.skip_until(b'\n')?;
    }
    Ok(Line::TooLong)
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// The length of each line, or why there is none.
    fn lengths(input: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        // A reader with a tiny buffer, as a slow pipe.
        answer_each(&mut BufReader::with_capacity(7, input), &mut out, |number, text| {
            text.map_or_else(|none| format!("{number} {none:?}"), |text| format!("{number} {}", text.len()))
        })
        .unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn lines_at_and_over_the_limit() {
        let max = LINE_BYTES_MAX;
        for end in ["\n", "\r\n"] {
            let text = [max, max + 1, max * 3, 40].map(|length| "9".repeat(length)).join(end);
            assert_eq!(lengths(text.as_bytes()), [&format!("1 {max}"), "2 TooLong", "3 TooLong", "4 40"]);
            assert_eq!(lengths((text + end).as_bytes()).len(), 4);
        }
    }

    #[test]
    fn a_line_without_text_is_a_line() {
        assert!(lengths(b"").is_empty());
        assert_eq!(lengths(b"\n\xff\n \t\n\xef\xbb\xbfab"), ["1 Empty", "2 NotUtf8", "3 Empty", "4 2"]);
    }
}
