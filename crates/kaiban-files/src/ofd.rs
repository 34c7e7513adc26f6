//! OFD (GB/T 33190-2016 §7): a ZIP archive whose root has `OFD.xml`. Read from the archive's central directory at the end
//! of the file (APPNOTE 6.3 §4.3.12, §4.3.16); nothing is unpacked.

/// What an archive that begins with its first entry begins with.
pub(crate) const LOCAL_HEADER: &[u8] = b"PK\x03\x04";

/// The entry that makes an archive an OFD.
const ROOT: &[u8] = b"OFD.xml";

/// Bytes of the record that ends the directory, its comment not counted.
const END_BYTES: usize = 22;

/// Bytes of an entry's record, its name and extras not counted.
const ENTRY_BYTES: usize = 46;

/// What all entries may unpack to: readers should not be made to fill their disks.
const UNPACKED_MAX: u64 = 512 << 20;

/// Whether a file of `size` bytes that ends with `tail` is an OFD.
pub(crate) fn is_ofd(tail: &[u8], size: u64) -> bool {
    let Some((directory, count)) = directory(tail, size) else { return false };
    let mut rest = directory;
    let (mut has_root, mut unpacked) = (false, 0u64);
    for _ in 0..count {
        let Some((entry, after)) = entry(rest) else { return false };
        unpacked += u64::from(entry.unpacked);
        has_root |= entry.name == ROOT && entry.is_readable && u64::from(entry.offset) < size;
        rest = after;
    }
    has_root && rest.is_empty() && unpacked <= UNPACKED_MAX
}

/// The central directory and the number of its entries. It must lie wholly within the tail and end where its end record
/// begins, as all archives do that were written in one go.
fn directory(tail: &[u8], size: u64) -> Option<(&[u8], u16)> {
    let last = tail.len().checked_sub(END_BYTES)?;
    // The comment is nearly always empty, and at most 65 535 bytes long.
    let first = last.saturating_sub(usize::from(u16::MAX));
    let ends_the_file =
        |at: &usize| tail[*at..].starts_with(b"PK\x05\x06") && short(tail, at + 20).map(usize::from) == Some(last - at);
    let end = (first..=last).rev().find(ends_the_file)?;
    let (count, length, offset) = (short(tail, end + 10)?, long(tail, end + 12)?, long(tail, end + 16)?);
    let one_disk = short(tail, end + 4)? == 0 && short(tail, end + 6)? == 0 && short(tail, end + 8)? == count;
    let begin = end.checked_sub(length as usize)?;
    let in_place = u64::from(offset) == size - (tail.len() - begin) as u64;
    (one_disk && in_place).then(|| (&tail[begin..end], count))
}

struct Entry<'a> {
    name: &'a [u8],
    unpacked: u32,
    offset: u32,
    /// Stored or deflated, and not encrypted.
    is_readable: bool,
}

/// The first entry of a directory, and what follows it.
fn entry(directory: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    if !directory.starts_with(b"PK\x01\x02") {
        return None;
    }
    let name_bytes = usize::from(short(directory, 28)?);
    let more = usize::from(short(directory, 30)?) + usize::from(short(directory, 32)?);
    let is_readable = short(directory, 8)? & 1 == 0 && matches!(short(directory, 10)?, 0 | 8);
    let entry = Entry {
        name: directory.get(ENTRY_BYTES..ENTRY_BYTES + name_bytes)?,
        unpacked: long(directory, 24)?,
        offset: long(directory, 42)?,
        is_readable,
    };
    Some((entry, directory.get(ENTRY_BYTES + name_bytes + more..)?))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{ofd, zip};

    fn judged(content: &[u8]) -> bool {
        is_ofd(content, content.len() as u64)
    }

    #[test]
    fn the_root_entry_makes_it() {
        assert!(judged(&ofd()));
        assert!(judged(&zip(&[("Doc_0/Document.xml", b"<d/>"), ("OFD.xml", b"<o/>")])));
        assert!(!judged(&zip(&[("Doc_0/OFD.xml", b"<o/>")])), "not at the root");
        assert!(!judged(&zip(&[("ofd.xml", b"<o/>")])), "the standard's spelling");
    }

    #[test]
    fn a_comment_may_follow() {
        let mut content = ofd();
        let at = content.len() - 2;
        content[at..].copy_from_slice(&5u16.to_le_bytes());
        content.extend_from_slice(b"hello");
        assert!(judged(&content));
        content.push(b'!');
        assert!(!judged(&content), "more follows than it says");
    }

    #[test]
    fn what_unpacks_to_too_much_is_not_taken() {
        let mut content = ofd();
        let at = content.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        content[at + 24..at + 28].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(!judged(&content));
    }

    #[test]
    fn an_encrypted_root_is_not_readable() {
        let mut content = ofd();
        let at = content.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        content[at + 8] |= 1;
        assert!(!judged(&content));
    }

    #[test]
    fn something_before_the_archive_is_noticed() {
        let mut content = b"PK\x03\x04 not the first entry".to_vec();
        content.extend_from_slice(&ofd());
        assert!(!judged(&content));
    }
}
