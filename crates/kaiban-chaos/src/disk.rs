//! A small disk that can be filled and emptied again at once: a tmpfs whose size is changed while it is mounted.
//!
//! INVARIANT: however this process ends, it is unmounted. A guardian, a shell in a process group of its own, waits for the
//! end of a pipe that this process holds open.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

const GUARDIAN: &str = r#"
trap '' HUP INT TERM
cat >/dev/null
umount --lazy "$1"
rmdir "$1"
"#;

/// Room on an empty disk, KiB: nobody gets near it. It is an upper bound, not memory that is taken.
const ROOM_KIB: u64 = 8 * 1024 * 1024;

/// A mounted disk; unmounted when dropped.
pub(crate) struct SmallDisk {
    folder: PathBuf,
    guardian: Child,
}

impl SmallDisk {
    /// Mounts one on a new folder below another one.
    ///
    /// # Errors
    /// This process may not mount.
    pub fn mount(below: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("kaiban-disk-").tempdir_in(below)?.keep();
        let mounted = mount(&["-t", "tmpfs", "-o", &format!("size={ROOM_KIB}k,mode=1777"), "kaiban-chaos"], &folder);
        if let Err(error) = mounted {
            let _ = std::fs::remove_dir(&folder);
            return Err(error);
        }
        let guardian = Command::new("/bin/sh")
            .args(["-c", GUARDIAN, "kaiban-disk-guardian"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("cannot start the shell that unmounts")?;
        Ok(Self { folder, guardian })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes all room away but so many KiB.
    pub fn fill(&self, left_kib: u64) -> Result<()> {
        let mut filled = Ok(());
        for more in 0..8 {
            let stat = rustix::fs::statvfs(&self.folder)?;
            let used_kib = (stat.f_blocks - stat.f_bfree) * stat.f_frsize / 1024;
            filled = self.resize(used_kib + left_kib + more * 256);
            if filled.is_ok() {
                break;
            }
            // Somebody wrote in between: a disk cannot be smaller than what is on it.
        }
        filled
    }

    /// Gives the room back.
    pub fn empty(&self) -> Result<()> {
        self.resize(ROOM_KIB)
    }

    fn resize(&self, kib: u64) -> Result<()> {
        mount(&["-o", &format!("remount,size={kib}k")], &self.folder)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        if let Err(error) = self.guardian.wait() {
            eprintln!("warning: cannot tell whether {} is unmounted: {error}", self.folder.display());
        }
    }
}

fn mount(options: &[&str], folder: &Path) -> Result<()> {
    let output = Command::new("mount").args(options).arg(folder).output().context("cannot run mount")?;
    ensure!(output.status.success(), "mount: {}", String::from_utf8_lossy(&output.stderr).trim_end());
    Ok(())
}
