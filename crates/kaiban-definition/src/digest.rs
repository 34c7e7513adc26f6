//! The digest that a case pins its package with.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::files::Files;

/// SHA-256 over all files of a package but its scenarios and mappings, lower-case hex: what is only tried with a package,
/// and how cases get to it from others, is no part of it, and may grow after its release.
///
/// Every path and every text goes in with its length before it, so that no two different packages look the same.
/// Released packages depend on these bytes: the recipe never changes.
pub fn digest(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (path, text) in
        files.iter().filter(|(path, _)| !path.starts_with("scenarios/") && !path.starts_with("migrations/"))
    {
        for part in [path, text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
    }

    #[test]
    fn the_recipe_never_changes() {
        assert_eq!(
            digest(&files(&[("workflow.yaml", "workflow: x\n"), ("form.schema.json", "{}")])),
            "98fa5ca98712b2f7404621d7cb33755ad1d24ea31b522413b77a1baf2d550ae4"
        );
    }

    #[test]
    fn scenarios_are_no_part_of_a_package() {
        let one = files(&[("scenarios/a.md", "# A"), ("workflow.yaml", "workflow: x\n"), ("form.schema.json", "{}")]);
        assert_eq!(digest(&one), digest(&files(&[("workflow.yaml", "workflow: x\n"), ("form.schema.json", "{}")])));
    }

    #[test]
    fn where_a_file_ends_matters() {
        assert_ne!(digest(&files(&[("ab", "c")])), digest(&files(&[("a", "bc")])));
    }
}
