//! The packages of this repository, for measurements that are built beside them.

use std::io;
use std::path::Path;

use kaiban_definition::{Files, Workflows, load};

/// What stands in `workflows/`, and its files.
///
/// # Errors
/// A file cannot be read, or something in the packages is wrong.
pub fn packages() -> io::Result<(Workflows, Files)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let mut files = Files::new();
    read(&root, &root, &mut files)?;
    let (workflows, findings) = load(&files);
    match findings.first() {
        Some(finding) => Err(io::Error::other(finding.to_string())),
        None => Ok((workflows, files)),
    }
}

fn read(root: &Path, folder: &Path, files: &mut Files) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.insert(name.to_string_lossy().into_owned(), std::fs::read_to_string(&path)?);
        }
    }
    Ok(())
}
