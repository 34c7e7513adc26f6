//! Where workflow packages come from: the ones built into the program, or a folder.

use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};
use kaiban_app::Library;
use kaiban_definition::{Files, Workflows, load, render};
use kaiban_findings::Finding;
use kaiban_store::Store;

use crate::failure::Failure;
use crate::output;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../workflows");

/// Which packages to use.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Packages {
    /// Folder with workflow packages, directory and calendars; without it the ones built into this program.
    #[arg(long, value_name = "DIR")]
    pub workflows: Option<PathBuf>,
}

impl Packages {
    /// The files, unread.
    pub fn files(&self) -> Result<Files, Failure> {
        let mut files = Files::new();
        match &self.workflows {
            None => embedded(&EMBEDDED, &mut files),
            Some(folder) => read(folder, folder, &mut files).map_err(|error| {
                let shown = folder.display();
                Failure::local("FILE", format!("无法读取目录 {shown}。"), format!("{shown}: {error}"))
            })?,
        }
        Ok(files)
    }

    /// The packages and the files they were loaded from; findings are told to the person at the terminal.
    ///
    /// # Errors
    /// `PACKAGES_INVALID` when a package has an error.
    pub fn load(&self) -> Result<(Workflows, Files), Failure> {
        let files = self.files()?;
        let (workflows, findings) = load(&files);
        if !findings.is_empty() {
            output::say(&render(&findings, &files));
        }
        let errors = findings.iter().filter(|finding| Finding::is_error(finding)).count();
        if errors > 0 {
            let zh = format!("流程包有{errors}处错误，未加载。");
            let en = format!("the workflow packages have {errors} error(s) and were not loaded");
            // Each of them has been told above.
            return Err(Failure::local("PACKAGES_INVALID", zh, en));
        }
        Ok((workflows, files))
    }
}

/// The packages with every version that cases of this database are pinned to.
pub async fn library(store: &Store, workflows: Workflows) -> Result<Library, Failure> {
    let failed = |error: kaiban_app::StartError| {
        Failure::local("PACKAGES_STORED", "无法读取数据库中的流程包。", error.to_string())
    };
    Library::open(store, workflows).await.map_err(failed)
}

fn embedded(folder: &Dir<'_>, files: &mut Files) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => embedded(folder, files),
            DirEntry::File(file) => {
                if let Some(text) = file.contents_utf8() {
                    files.insert(slashed(file.path()), text);
                }
            }
        }
    }
}

fn read(root: &Path, folder: &Path, files: &mut Files) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            read(root, &path, files)?;
        } else {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
            files.insert(slashed(path.strip_prefix(root).unwrap_or(&path)), text);
        }
    }
    Ok(())
}

fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_packages_are_the_ones_of_the_repository() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
        let from_folder = Packages { workflows: Some(folder) }.files().unwrap();
        let built_in = Packages::default().files().unwrap();
        assert_eq!(from_folder, built_in);
        assert!(built_in.iter().count() > 3);
    }
}
