//! What a file is, judged by its content alone.
//!
//! The checks look at the beginning, where each format has its signature, and at the end, where PDF and OFD keep the
//! table by which readers find everything else. They read a bounded number of bytes, follow no reference and unpack
//! nothing, so that no content can make them expensive.

use crate::media::MediaType;
use crate::ofd;

/// Bytes from the beginning that a judgement can use.
pub const HEAD_MAX: usize = 64 * 1024;

/// Bytes from the end that a judgement can use: the directory of an OFD and its comment fit.
pub const TAIL_MAX: usize = 1024 * 1024 + 66 * 1024;

/// The kind of a file of `size` bytes that begins with `head` and ends with `tail`; none where it is nothing that is
/// taken. Of a small file both are the whole; of a larger one they are the first [`HEAD_MAX`] and the last [`TAIL_MAX`]
/// bytes.
pub fn sniff(head: &[u8], tail: &[u8], size: u64) -> Option<MediaType> {
    if head.starts_with(b"%PDF-") {
        is_pdf(head, tail, size).then_some(MediaType::Pdf)
    } else if head.starts_with(&[0xff, 0xd8, 0xff]) {
        is_jpeg(head, size).then_some(MediaType::Jpeg)
    } else if head.starts_with(PNG) {
        is_png(head).then_some(MediaType::Png)
    } else if head.starts_with(ofd::LOCAL_HEADER) {
        ofd::is_ofd(tail, size).then_some(MediaType::Ofd)
    } else {
        None
    }
}

/// A version in the first line, and near the end where the cross-reference table stands (ISO 32000-1 §7.5.5).
fn is_pdf(head: &[u8], tail: &[u8], size: u64) -> bool {
    const END: usize = 2_048;
    let version =
        matches!(head.get(5..8), Some([major, b'.', minor]) if major.is_ascii_digit() && minor.is_ascii_digit());
    let end = &tail[tail.len().saturating_sub(END)..];
    let Some(marker) = last(end, b"%%EOF") else { return false };
    let Some(start) = last(&end[..marker], b"startxref") else { return false };
    let number = end[start + b"startxref".len()..marker].trim_ascii();
    let offset = std::str::from_utf8(number).ok().and_then(|text| text.parse::<u64>().ok());
    version && offset.is_some_and(|offset| offset < size)
}

/// Well-formed segments (ISO/IEC 10918-1 §B.1) up to a frame header with an area, or as far as `head` goes.
fn is_jpeg(head: &[u8], size: u64) -> bool {
    let mut at = 2;
    loop {
        let Some(marker) = head.get(at..at + 2) else { return size > head.len() as u64 };
        let [0xff, kind] = *marker else { return false };
        if kind == 0xff {
            // A fill byte before a marker.
            at += 1;
            continue;
        }
        // Neither stuffing, nor restarts and ends where no scan has begun, nor a scan without a frame.
        if matches!(kind, 0x00..=0xbf | 0xd0..=0xda) {
            return false;
        }
        let Some(length) = head.get(at + 2..at + 4) else { return size > head.len() as u64 };
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        if length < 2 {
            return false;
        }
        let is_frame = matches!(kind, 0xc0..=0xcf) && !matches!(kind, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            return match head.get(at + 7..at + 9) {
                Some(width) => width != [0, 0] && length >= 11,
                None => size > head.len() as u64,
            };
        }
        at += 2 + length;
    }
}

/// Signature of a PNG.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// An intact IHDR with an area and a combination of depth and colour that exists (ISO/IEC 15948 §11.2.2).
fn is_png(head: &[u8]) -> bool {
    let Some(header) = head.get(8..33) else { return false };
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (width, height) = (number(8), number(12));
    let area = (1..=0x7fff_ffff).contains(&width) && (1..=0x7fff_ffff).contains(&height);
    let (depth, colour) = (header[16], header[17]);
    let exists = match colour {
        0 => matches!(depth, 1 | 2 | 4 | 8 | 16),
        3 => matches!(depth, 1 | 2 | 4 | 8),
        2 | 4 | 6 => matches!(depth, 8 | 16),
        _ => false,
    };
    let methods = header[18] == 0 && header[19] == 0 && header[20] <= 1;
    number(0) == 13 && &header[4..8] == b"IHDR" && area && exists && methods && crc(&header[4..21]) == number(21)
}

/// CRC-32 (ISO 3309), bit by bit: it is asked for 17 bytes.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// Where a pattern stands for the last time.
fn last(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).rposition(|window| window == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{jpeg, ofd, pdf, png, zip};

    fn of(content: &[u8]) -> Option<MediaType> {
        let head = &content[..content.len().min(HEAD_MAX)];
        let tail = &content[content.len() - content.len().min(TAIL_MAX)..];
        sniff(head, tail, content.len() as u64)
    }

    #[test]
    fn each_kind_is_known_by_its_content() {
        assert_eq!(of(&pdf(10)), Some(MediaType::Pdf));
        assert_eq!(of(&pdf(200_000)), Some(MediaType::Pdf));
        assert_eq!(of(&jpeg()), Some(MediaType::Jpeg));
        assert_eq!(of(&png(3, 2)), Some(MediaType::Png));
        assert_eq!(of(&ofd()), Some(MediaType::Ofd));
    }

    #[test]
    fn everything_else_is_nothing() {
        let mut programme = b"MZ\x90\0".to_vec();
        programme.extend_from_slice(&pdf(10));
        for content in [
            &b""[..],
            b"x",
            b"%PDF-",
            b"%PDF-1.7\nno trailer",
            b"GIF89a\x01\0\x01\0",
            b"<html></html>",
            b"\xff\xd8\xff",
            b"\xff\xd8\xff\xe0\0",
            b"\xff\xd8\xff\xd9",
            b"PK\x03\x04",
            PNG,
            &programme,
            &zip(&[("word/document.xml", b"<w/>")]),
            &zip(&[]),
        ] {
            assert_eq!(of(content), None, "{:?}", &content[..content.len().min(20)]);
        }
    }

    #[test]
    fn what_is_cut_off_is_nothing() {
        for content in [pdf(5_000), jpeg(), png(3, 2), ofd()] {
            for length in [4, 12, 20, content.len() / 2] {
                // Half a PNG still has its header; that it is whole is for its size and digest to say.
                let kind = of(&content[..length.min(content.len())]);
                assert!(kind.is_none() || kind == Some(MediaType::Png), "{length} of {}", content.len());
            }
        }
    }

    #[test]
    fn a_pdf_says_where_its_table_is() {
        let text = |offset: &str| format!("%PDF-1.4\nxxxx\nstartxref\n{offset}\n%%EOF\n").into_bytes();
        assert_eq!(of(&text("9")), Some(MediaType::Pdf));
        for offset in ["", "-1", "9999999", "9 9", "x", "99999999999999999999999"] {
            assert_eq!(of(&text(offset)), None, "{offset}");
        }
    }

    #[test]
    fn a_png_has_an_intact_header() {
        let whole = png(3, 2);
        for at in 8..33 {
            let mut broken = whole.clone();
            broken[at] ^= 0x10;
            assert_eq!(of(&broken), None, "byte {at}");
        }
        assert_eq!(of(&png(0, 2)), None);
    }

    #[test]
    fn no_content_makes_it_stumble() {
        let starts: [&[u8]; 4] = [b"%PDF-1.7", b"\xff\xd8\xff\xe0", PNG, b"PK\x03\x04"];
        let mut seed = 1u32;
        for round in 0..4_000 {
            let mut content = starts[round % 4].to_vec();
            for _ in 0..(round % 97) {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                content.push(if seed & 0x300 == 0 { 0xff } else { (seed >> 24) as u8 });
            }
            of(&content);
        }
        for whole in [pdf(64), jpeg(), png(1, 1), ofd()] {
            for at in 0..whole.len() {
                for value in [0x00, 0x7f, 0xff] {
                    let mut broken = whole.clone();
                    broken[at] = value;
                    of(&broken);
                }
            }
        }
    }
}
