//! Finds the machine's PostgreSQL programs; where there are none and it may, installs Debian's package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::root::Root;

/// Read by Debian's PostgreSQL packages when they are installed.
const CREATE_CLUSTER: &str = "/etc/postgresql-common/createcluster.conf";
/// What the packages put there when nobody wrote it before.
const CREATE_CLUSTER_DEFAULT: &str = "/usr/share/postgresql-common/createcluster.conf";

const HINT: &str = "PostgreSQL's server programs (initdb, pg_ctl, postgres) were not found.
hint: install them (Debian, Ubuntu: `apt-get install postgresql`; Fedora: `dnf install postgresql-server`; \
macOS: `brew install postgresql`),
hint: or leave the tests that need them out: `cargo xtask test --without-postgres`";

/// The folder with `initdb`, `pg_ctl` and `postgres`.
///
/// # Errors
/// There is none, and it may not or cannot be installed.
pub fn find_or_install() -> Result<PathBuf> {
    if let Some(folder) = find() {
        return Ok(folder);
    }
    let Some(root) = Root::obtain() else { bail!(HINT) };
    eprintln!("PostgreSQL's server programs are missing: installing Debian's package `postgresql`");
    install(&root).context(HINT)?;
    find().context(HINT)
}

/// The same folder, where it is; nothing is installed.
pub fn find() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let asked = Command::new("pg_config").arg("--bindir").stderr(Stdio::null()).output().ok();
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    debian.sort_by_key(|(version, _)| std::cmp::Reverse(*version));

    std::env::split_paths(&on_path)
        .chain(asked.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())))
        .chain(debian.into_iter().map(|(_, folder)| folder))
        // pg_config comes with the client library too, so its folder may hold no server.
        .find(|folder| {
            folder.is_absolute() && ["initdb", "pg_ctl", "postgres"].iter().all(|p| folder.join(p).is_file())
        })
        // A link in PATH says where the programs are; PostgreSQL wants to be run from there.
        .and_then(|folder| fs::canonicalize(folder.join("initdb")).ok()?.parent().map(Path::to_path_buf))
}

/// Debian's package starts a server of its own when it is installed. Nobody asked for that one, so it is told not to,
/// unless somebody has set this up before.
fn install(root: &Root) -> Result<()> {
    let ours = !Path::new(CREATE_CLUSTER).exists();
    if ours {
        let write = format!("mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > {CREATE_CLUSTER}");
        root.run(&["sh", "-c", &write])?;
    }
    let installed = root
        .run(&["apt-get", "update", "--quiet"])
        .and_then(|()| root.run(&["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "postgresql"]));
    if ours {
        let restore = format!(
            "cp {CREATE_CLUSTER_DEFAULT} {CREATE_CLUSTER} 2>/dev/null || rm -f {CREATE_CLUSTER}; rm -f {CREATE_CLUSTER}.ucf-dist"
        );
        root.run(&["sh", "-c", &restore])?;
    }
    installed
}
