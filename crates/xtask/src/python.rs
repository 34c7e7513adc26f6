//! Python for the foreign client's tests. They leave themselves out where it cannot be had, so nothing here is an error.

use std::process::{Command, Stdio};

use xtask::root::Root;

/// Debian's packages: the language, and the part that makes environments, which Debian keeps apart.
const PACKAGES: [&str; 3] = ["python3", "python3-venv", "python3-pip"];

/// Installs what is missing, where it may.
pub fn install_if_missing() {
    if is_there() {
        return;
    }
    let Some(root) = Root::obtain() else { return };
    eprintln!("Python with `venv` is missing: installing Debian's packages {}", PACKAGES.join(", "));
    let install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends"];
    let installed =
        root.run(&["apt-get", "update", "--quiet"]).and_then(|()| root.run(&[&install[..], &PACKAGES].concat()));
    if let Err(error) = installed {
        eprintln!("warning: {error:#}");
    }
}

fn is_there() -> bool {
    let try_it = ["-c", "import ensurepip, venv"];
    let tried = Command::new("python3").args(try_it).stdout(Stdio::null()).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}
