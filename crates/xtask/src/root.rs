//! Installing Debian's packages, where that is possible and allowed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

/// The right to install packages with apt.
pub struct Root {
    through_sudo: bool,
}

impl Root {
    /// As root, or with a sudo that asks nothing; none where there is no apt or no such right.
    pub fn obtain() -> Option<Root> {
        if !Path::new("/usr/bin/apt-get").exists() {
            return None;
        }
        if fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
            return Some(Root { through_sudo: false });
        }
        let sudo = Command::new("sudo").args(["--non-interactive", "true"]).stderr(Stdio::null()).status();
        sudo.is_ok_and(|status| status.success()).then_some(Root { through_sudo: true })
    }

    /// Runs a program as root; what it prints goes to our standard error, which is for talk.
    ///
    /// # Errors
    /// It cannot be run, or fails.
    pub fn run(&self, command: &[&str]) -> Result<()> {
        let quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "UCF_FORCE_CONFFOLD=1"];
        let sudo = if self.through_sudo { &["sudo", "--non-interactive"][..] } else { &[] };
        let words: Vec<&str> = [sudo, &quiet, command].concat();
        let status =
            Command::new(words[0]).args(&words[1..]).stdin(Stdio::null()).stdout(std::io::stderr()).status()?;
        ensure!(status.success(), "`{}` failed", command.join(" "));
        Ok(())
    }
}
