//! `gannet serve`: owns the store, downloads what it is told, and serves page and API until it is told to end.

use std::ffi::OsStr;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use gannet_manager::{Manager, ManagerOptions, OpenError};
use gannet_server::{Config, ServeError, ServeOptions, Server, Site, find_owner, page_is_built};
use tokio::runtime::Runtime;

use crate::exit::Exit;
use crate::folders;
use crate::log;
use crate::open::{self, Showing, has_display};
use crate::owner::Owner;
use crate::printer::Palette;
use crate::stop::{self, Stop, StopReason};
use crate::trouble::Trouble;

/// Arguments of `gannet serve`.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct ServeArguments {
    /// Listen on ADDRESS:PORT; port 0 takes a free one [default: 127.0.0.1:6900]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,

    /// Keep the list, the token and sessions in DIR [default: the platform's data folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Put files in DIR [default: the user's downloads folder]
    #[arg(long, value_name = "DIR")]
    download_dir: Option<PathBuf>,

    /// Keep the token for programs in FILE; made where it is missing [default: `token` in the data folder]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Read settings from FILE [default: gannet/config.toml in the platform's config folder]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print a link that logs a browser in, once, within a minute; of the server that runs, where one does
    #[arg(long)]
    login_link: bool,

    /// Open the page in a browser, logged in; where there is no display, print the link instead
    #[arg(long, conflicts_with = "login_link")]
    open: bool,

    /// Answer to another name too: `NAME`, `NAME:PORT`, or `https://NAME` behind a proxy; may be given several times
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<Site>,

    /// Log what happens to standard error
    #[arg(short, long)]
    verbose: bool,
}

const AFTER_HELP: &str = "\
What is given here goes before what the config file says; docs/config.md describes that.
Ctrl-C or SIGTERM ends it within five seconds; what has arrived is kept, and goes on at the next start.";

/// How long everything may take to end; systems that shut down wait hardly longer.
const END_WITHIN: Duration = Duration::from_millis(4500);

/// Runs the command.
pub(crate) fn run(arguments: &ServeArguments) -> Exit {
    let filter = if arguments.verbose {
        "gannet_manager=debug,gannet_server=debug,gannet_engine=info"
    } else {
        "gannet_manager=warn,gannet_server=warn,gannet_engine=warn"
    };
    log::to_stderr(filter, Palette::of_stderr());
    serve(arguments).unwrap_or_else(|trouble| trouble.tell())
}

fn serve(arguments: &ServeArguments) -> Result<Exit, Trouble> {
    let plan = Plan::make(arguments)?;
    let way_in = WayIn::of(arguments);
    if way_in != WayIn::ByTerminal
        && let Some(owner) = find_owner(&plan.serve.data_dir)?
    {
        let how = if way_in == WayIn::Opened && has_display() {
            Showing::Opened
        } else {
            Showing::Printed
        };
        return open::show(&Owner::of_file(&owner)?, how);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::unexpected(format_args!("the system gives no threads: {error}")))?;
    let ended = runtime.block_on(plan.carry_out(way_in));
    // What hangs in a call to the disk must not hold up the end.
    Runtime::shutdown_background(runtime);
    ended
}

/// Everything that arguments, file and defaults say together.
struct Plan {
    manager: ManagerOptions,
    serve: ServeOptions,
}

impl Plan {
    fn make(arguments: &ServeArguments) -> Result<Self, Trouble> {
        let config = Config::load(arguments.config.as_deref()).map_err(folders::not_configured)?;
        let named = arguments.download_dir.as_deref().map(absolute).transpose()?;
        let roots = config.roots(named).map_err(folders::not_configured)?;
        let data_dir = absolute(&folders::data(arguments.data_dir.clone().or(config.data_dir))?)?;
        let mut serve = ServeOptions::new(data_dir.clone());
        if let Some(listen) = arguments.listen.or(config.listen) {
            serve.listen = listen;
        }
        serve.token_file = arguments
            .token_file
            .clone()
            .or(config.token_file)
            .map(|path| absolute(&path))
            .transpose()?;
        for host in &config.hosts {
            serve.sites.push(host.parse().map_err(Trouble::usage)?);
        }
        serve.sites.extend(arguments.allow_host.iter().cloned());
        let mut manager = ManagerOptions::new(data_dir, PathBuf::new());
        manager.roots = roots;
        manager.when_done_command = config.when_done_command;
        Ok(Self { manager, serve })
    }

    async fn carry_out(self, way_in: WayIn) -> Result<Exit, Trouble> {
        let stop = Stop::new();
        tokio::spawn(stop::on_signals(stop.clone()));
        let manager = Manager::open(self.manager)
            .await
            .map_err(|error| not_opened(&error))?;
        let server = match Server::bind(manager.clone(), self.serve).await {
            Ok(server) => server,
            Err(error) => {
                manager.close().await;
                return Err(not_begun(&error));
            }
        };
        if let Err(trouble) = announce(&server, way_in) {
            // It serves all the same, and `gannet open` tries again.
            trouble.tell();
        }
        let serving = server.run({
            let (stop, manager) = (stop.clone(), manager.clone());
            async move {
                tokio::select! {
                    _ = stop.requested() => {}
                    () = manager.quit_requested() => stop.request(StopReason::Interrupted),
                }
            }
        });
        let closing = async {
            stop.requested().await;
            manager.close().await;
        };
        let all = async { tokio::join!(serving, closing) };
        let too_long = async {
            stop.requested().await;
            tokio::time::sleep(END_WITHIN).await;
        };
        tokio::select! {
            _ = all => Ok(Exit::Done),
            () = too_long => Err(Trouble::unexpected("not everything ended in time")
                .hint("nothing is lost by that; the next start goes on")),
        }
    }
}

/// How the first browser gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WayIn {
    /// By a link that is printed where a person reads it.
    ByTerminal,
    /// By a link that is printed in any case.
    ByLink,
    /// It is opened.
    Opened,
}

impl WayIn {
    fn of(arguments: &ServeArguments) -> Self {
        if arguments.open {
            Self::Opened
        } else if arguments.login_link {
            Self::ByLink
        } else {
            Self::ByTerminal
        }
    }
}

/// Says where it is and how to get in. The link goes to a terminal, or where it was asked for: not into a log. Nobody has
/// to listen: a server goes on where its output is closed.
fn announce(server: &Server, way_in: WayIn) -> Result<(), Trouble> {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "listening on {}/", server.url());
    let _ = stdout.flush();
    let mut stderr = io::stderr().lock();
    if !page_is_built() {
        let _ = writeln!(
            stderr,
            "warning: this program was built without its page; `cargo xtask app` builds both"
        );
    }
    if !server.address().ip().is_loopback() {
        let _ = writeln!(
            stderr,
            "warning: {} can be reached from other machines, without TLS: token and downloads can be read on the way\n  \
             put a proxy that speaks https before it, and name it with --allow-host https://NAME",
            server.address()
        );
    }
    let link = || server.login_link().map_err(|error| not_begun(&error));
    if way_in == WayIn::Opened && has_display() {
        open::open(OsStr::new(&link()?))?;
    } else if way_in != WayIn::ByTerminal || stdout.is_terminal() {
        let _ = writeln!(stdout, "log in with {} (once, within a minute)", link()?);
    } else {
        let _ = writeln!(
            stdout,
            "log in with the link that `gannet serve --login-link` prints"
        );
    }
    let _ = stdout.flush();
    Ok(())
}

fn absolute(path: &Path) -> Result<PathBuf, Trouble> {
    std::path::absolute(path).map_err(|error| Trouble::usage(format_args!("{}: {error}", path.display())))
}

fn not_opened(error: &OpenError) -> Trouble {
    match error {
        OpenError::Busy { .. } => Trouble::new(Exit::TargetExists, error.to_string())
            .hint("use that one: gannet serve --login-link, gannet add URL, gannet list"),
        OpenError::NoRoots => Trouble::usage(error),
        OpenError::Folder { .. } | OpenError::Store(_) => Trouble::new(Exit::Disk, error.to_string()),
        _ => Trouble::unexpected(error),
    }
}

fn not_begun(error: &ServeError) -> Trouble {
    match error {
        ServeError::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
            Trouble::new(Exit::TargetExists, error.to_string()).hint(
                "another program listens there; choose another port: --listen 127.0.0.1:0 takes a free one",
            )
        }
        ServeError::File { .. } | ServeError::Token { .. } => Trouble::new(Exit::Disk, error.to_string()),
        _ => Trouble::unexpected(error),
    }
}
