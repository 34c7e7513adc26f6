//! The smallest files of each kind that are what they say.
#![allow(dead_code, reason = "each user needs some of them")]

/// A PDF with so many bytes of padding in its one object.
pub fn pdf(padding: usize) -> Vec<u8> {
    let mut content = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%".to_vec();
    // Not all the same, so that a chunk at the wrong place is noticed.
    content.extend((0..padding).map(|at| b'a' + (at / 7 % 26) as u8));
    content.push(b'\n');
    let table = content.len();
    content.extend_from_slice(b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 2 /Root 1 0 R >>\n");
    content.extend_from_slice(format!("startxref\n{table}\n%%EOF\n").as_bytes());
    content
}

/// A JPEG of 1 × 1, as far as its frame header and an end.
pub fn jpeg() -> Vec<u8> {
    let mut content = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
    content.extend_from_slice(b"\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0");
    content.extend_from_slice(b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\0\xff\xd9");
    content
}

/// A PNG with an intact header.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    header.extend_from_slice(&[8, 6, 0, 0, 0]);
    let mut content = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    content.extend_from_slice(&header);
    content.extend_from_slice(&crc(&header).to_be_bytes());
    content.extend_from_slice(b"\0\0\0\0IEND\xae\x42\x60\x82");
    content
}

/// An OFD with its root entry.
pub fn ofd() -> Vec<u8> {
    zip(&[("OFD.xml", br#"<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.1" DocType="OFD"/>"#)])
}

/// An archive of stored entries.
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut content, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let offset = content.len() as u32;
        let mut facts = vec![10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        facts.extend_from_slice(&crc(bytes).to_le_bytes());
        facts.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        facts.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        facts.extend_from_slice(&(name.len() as u16).to_le_bytes());
        facts.extend_from_slice(&[0, 0]);
        content.extend_from_slice(b"PK\x03\x04");
        content.extend_from_slice(&facts);
        content.extend_from_slice(name.as_bytes());
        content.extend_from_slice(bytes);
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&facts);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (offset, length, count) = (content.len() as u32, directory.len() as u32, entries.len() as u16);
    content.extend_from_slice(&directory);
    content.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    content.extend_from_slice(&count.to_le_bytes());
    content.extend_from_slice(&count.to_le_bytes());
    content.extend_from_slice(&length.to_le_bytes());
    content.extend_from_slice(&offset.to_le_bytes());
    content.extend_from_slice(&[0, 0]);
    content
}

fn crc(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    !sum
}
