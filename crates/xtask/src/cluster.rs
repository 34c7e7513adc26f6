//! A private PostgreSQL that lives exactly as long as this process.
//!
//! Durability settings are PostgreSQL's defaults: what the tests and the benchmark see is what an operator gets. It
//! listens on a Unix socket inside a folder that only its owner may enter, so there is no port to choose, to race
//! for or to protect.
//!
//! INVARIANT: however this process ends, the server stops and the folder goes. A *guardian*, a small shell in a
//! process group of its own, waits for the end of a pipe that this process holds open. The kernel closes the pipe on
//! return, panic, Ctrl-C and SIGKILL alike, so there is one way to clean up and no signal handler.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// Waits for its standard input to end, then stops the server in `$1` with the programs in `$2` and removes `$1`.
const GUARDIAN: &str = r#"
trap '' HUP INT TERM
cat >/dev/null
if [ -e "$1/data/postmaster.pid" ]; then "$2/pg_ctl" stop --silent --mode immediate --pgdata "$1/data"; fi
rm -rf "$1"
"#;

/// Longest path of a Unix socket in bytes, `sun_path` of Linux without its closing zero.
const SOCKET_PATH_BYTES_MAX: usize = 107;

/// A running throw-away server; dropping it stops the server and removes everything it wrote.
pub struct Cluster {
    guardian: Child,
    url: String,
    site: Site,
}

impl Cluster {
    /// Starts a server with the programs in `programs` (the folder of `initdb` and `pg_ctl`).
    ///
    /// # Errors
    /// The programs cannot be run here, or refuse.
    pub fn start(programs: &Path) -> Result<Cluster> {
        Cluster::start_in(programs, &std::env::temp_dir(), "")
    }

    /// The same in a folder below another one, with more lines of `postgresql.conf`.
    ///
    /// # Errors
    /// The programs cannot be run here, or refuse.
    pub fn start_in(programs: &Path, below: &Path, settings: &str) -> Result<Cluster> {
        let folder = tempfile::Builder::new()
            .prefix("kaiban-postgres-")
            .tempdir_in(below)
            .context("cannot make a folder for PostgreSQL")?;
        ensure!(
            folder.path().as_os_str().len() + "/.s.PGSQL.5432".len() <= SOCKET_PATH_BYTES_MAX,
            "the temporary folder {} is too deep for a Unix socket; set TMPDIR to a shorter one",
            folder.path().display()
        );
        let account = Account::for_owner_of(folder.path())?;
        if let Some(account) = &account {
            chown(folder.path(), Some(account.uid), Some(account.gid))
                .context("cannot hand over PostgreSQL's folder")?;
        }
        let site = Site { programs: programs.into(), folder: folder.path().into(), account };

        let guardian = site
            .command("/bin/sh")
            .args(["-c", GUARDIAN, "kaiban-postgres-guardian"])
            .args([&site.folder, &site.programs])
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("cannot start the shell that cleans up after PostgreSQL")?;
        // From here on the folder belongs to the guardian, also when a step below fails.
        let folder = folder.keep();
        let cluster = Cluster { guardian, url: url(&folder), site };
        cluster.site.initialize(settings)?;
        cluster.site.serve()?;
        Ok(cluster)
    }

    /// `postgres://` URL of the maintenance database, as a superuser; sqlx and libpq read it alike.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Process id of the postmaster; none where it does not run.
    pub fn postmaster(&self) -> Option<u32> {
        let file = fs::read_to_string(self.site.folder.join("data/postmaster.pid")).ok()?;
        let pid = file.lines().next()?.trim().parse().ok()?;
        process_title(pid).is_some_and(|title| title.contains("postgres")).then_some(pid)
    }

    /// Process ids of the sessions that clients have.
    pub fn sessions(&self) -> Vec<u32> {
        let Some(postmaster) = self.postmaster() else { return Vec::new() };
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        // A session's title is `postgres: kaiban <database> …`, after its user; those of the server's own processes are not.
        let is_session = |pid: &u32| {
            parent(*pid) == Some(postmaster)
                && process_title(*pid).is_some_and(|title| title.starts_with("postgres: kaiban "))
        };
        pids.filter(is_session).collect()
    }

    /// Starts the postmaster again after its end, however it came; it recovers by itself.
    ///
    /// # Errors
    /// It does not come up: for example, there is no room for its log.
    pub fn serve_again(&self) -> Result<()> {
        self.site.serve()
    }

    /// Where everything of it is: its data in `data`.
    pub fn folder(&self) -> &Path {
        &self.site.folder
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read(self.site.folder.join("log")).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default()
    }
}

/// What a process calls itself (proc_pid_cmdline(5)).
fn process_title(pid: u32) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
}

/// proc_pid_stat(5): the parent is the second field after the program's name, which is in parentheses.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?.parse().ok()
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        if let Err(error) = self.guardian.wait() {
            eprintln!("warning: cannot tell whether the throw-away PostgreSQL stopped: {error}");
        }
    }
}

/// Where a cluster is and who runs it.
struct Site {
    programs: PathBuf,
    folder: PathBuf,
    account: Option<Account>,
}

impl Site {
    fn initialize(&self, more: &str) -> Result<()> {
        let data = self.folder.join("data");
        // Only initdb's own writes go unsynced; the server that follows keeps its default durability.
        run(self.command(self.programs.join("initdb")).arg("--pgdata").arg(&data).args([
            "--username",
            "kaiban",
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
        ]))?;
        let mut settings = OpenOptions::new().append(true).open(data.join("postgresql.conf"))?;
        writeln!(
            settings,
            "listen_addresses = ''\nport = 5432\nunix_socket_directories = '{}'\n{more}",
            self.folder.display().to_string().replace('\'', "''")
        )?;
        Ok(())
    }

    fn serve(&self) -> Result<()> {
        let log = self.folder.join("log");
        run(self
            .command(self.programs.join("pg_ctl"))
            .args(["start", "--wait", "--silent", "--pgdata"])
            .arg(self.folder.join("data"))
            .arg("--log")
            .arg(&log))
        .with_context(|| format!("PostgreSQL's log: {}", fs::read_to_string(&log).unwrap_or_default()))
    }

    /// A command that runs in the cluster's folder as the cluster's account. The standard library drops the
    /// supplementary groups of root when it changes the user.
    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null());
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }
}

/// An account to run the server with, since PostgreSQL refuses to run as root.
struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// `None` when the folder's owner, who is us, is not root and may run the server.
    fn for_owner_of(folder: &Path) -> Result<Option<Account>> {
        if fs::metadata(folder)?.uid() != 0 {
            return Ok(None);
        }
        let accounts = fs::read_to_string("/etc/passwd").context("cannot read the machine's accounts")?;
        for name in ["postgres", "nobody"] {
            for line in accounts.lines() {
                let fields: Vec<&str> = line.split(':').collect();
                if let [found, _, uid, gid, ..] = fields.as_slice()
                    && *found == name
                {
                    return Ok(Some(Account { uid: uid.parse()?, gid: gid.parse()? }));
                }
            }
        }
        bail!("PostgreSQL does not run as root, and the machine has no account `postgres` or `nobody`")
    }
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stderr(Stdio::piped()).output().with_context(|| format!("cannot run {program}"))?;
    ensure!(output.status.success(), "{program} failed: {}", String::from_utf8_lossy(&output.stderr).trim_end());
    Ok(())
}

/// The port is named although it is the usual one: otherwise a stray `PGPORT` would choose it.
fn url(folder: &Path) -> String {
    let mut host = String::new();
    for byte in folder.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => host.push(char::from(*byte)),
            other => host.push_str(&format!("%{other:02X}")),
        }
    }
    format!("postgres://kaiban@localhost:5432/postgres?host={host}")
}
