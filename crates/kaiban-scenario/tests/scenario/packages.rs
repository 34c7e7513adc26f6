//! The shipped packages, and two that use what those do not.

use std::path::Path;
use std::sync::LazyLock;

use kaiban_definition::{Files, Workflows, load, render};

static PACKAGES: LazyLock<(Workflows, Files)> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Files::new();
    for folder in [here.join("../../workflows"), here.join("tests/workflows")] {
        read(&folder, &folder, &mut files);
    }
    let (workflows, findings) = load(&files);
    assert!(findings.is_empty(), "{}", render(&findings, &files));
    (workflows, files)
});

/// Everything under `workflows/`, of the repository and of these tests.
pub fn packages() -> &'static (Workflows, Files) {
    &PACKAGES
}

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}
