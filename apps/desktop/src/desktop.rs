//! How it begins beside a desk, and what the window system, other programs and the system tell it from then on.

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use gannet_server::{Bell, Summons};
use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};
use tokio::sync::mpsc;

use crate::arguments::{self, Arguments, Asked};
use crate::attendant::Attendant;
#[cfg(target_os = "macos")]
use crate::brought;
use crate::brought::Brought;
use crate::clipboard::Copied;
use crate::commands::{self, Audience, system};
use crate::dialogs::{self, OneAtATime};
use crate::errands::Errands;
use crate::leaving::{self, Leaving};
use crate::place::{self, Kept};
use crate::second::{self, Start};
use crate::theme::Follower;
use crate::trouble::{self, Trouble};
use crate::updates::{self, Heard};
use crate::works::Works;
#[cfg(target_os = "linux")]
use crate::{drawing, proxies};
use crate::{front, log, login, rest, screen, tray, window};

/// The status of a start that cannot be understood, as with `gannet`.
const WRONG_USAGE: u8 = 2;

/// The status of a start that showed no window.
const FAILED: i32 = 1;

/// Runs the program; returns once it is known that there is no window, or another one has the links. Otherwise the
/// window system ends the process.
pub fn run() -> ExitCode {
    #[cfg(target_os = "linux")]
    drawing::settle();
    let arguments = match arguments::read(env::args_os().skip(1)) {
        Ok(Asked::Start(arguments)) => arguments,
        Ok(Asked::Say(words)) => {
            // Nobody has to listen.
            let _ = io::stdout().write_all(words.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let _ = writeln!(
                io::stderr(),
                "error: {error}\n\nFor more information, try '--help'."
            );
            return ExitCode::from(WRONG_USAGE);
        }
    };
    log::to_stderr(arguments.verbose);
    match start(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            trouble::tell(&trouble);
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: &Arguments) -> Result<(), Trouble> {
    let plan = arguments.plan()?;
    let brought = Brought::of(&arguments.links);
    let summons = second::summons(&brought, arguments.hidden);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Trouble::Threads)?;
    let (bell, rings) = Bell::new();
    let works = match runtime.block_on(second::begin(&plan, &bell, &summons))? {
        Start::First(works) => works,
        Start::HandedOver => return Ok(()),
    };
    if let Err(trouble) = screen::reach() {
        runtime.block_on(works.end());
        return Err(trouble);
    }
    let errands = Errands::default();
    errands.bring(brought);
    let hidden = arguments.hidden;
    let theme = runtime.block_on(works.manager().settings()).appearance.theme;
    // Commands run where the manager does.
    tauri::async_runtime::set(runtime.handle().clone());
    let app = tauri::Builder::default()
        .manage(works)
        .manage(errands)
        .manage(Audience::default())
        .manage(OneAtATime::default())
        .manage(Leaving::default())
        .manage(Copied::default())
        .manage(Heard::default())
        .manage(Kept::beside(plan.data()))
        .manage(login::Told::of(arguments))
        .invoke_handler(tauri::generate_handler![
            commands::execute,
            commands::subscribe,
            commands::say,
            commands::heard,
            commands::attend,
            commands::attended,
            commands::keep_draft,
            system::choose_folder,
            system::save_as,
            system::save_list,
            system::hand_file,
            system::read_clipboard,
            system::write_clipboard,
            system::show_update,
            system::close_window,
            system::go_on_without_window
        ])
        .setup(move |app| {
            let app = app.handle();
            app.manage(Follower::new(app, theme));
            // The window first: its webview starts in processes of its own, and all else is done meanwhile.
            if !hidden && let Err(error) = window::show(app) {
                trouble::tell(&Trouble::Window(error));
                app.exit(FAILED);
                return Ok(());
            }
            tauri::async_runtime::spawn(end_when_asked(app.clone()));
            tauri::async_runtime::spawn(come_when_rung(app.clone(), rings));
            #[cfg(target_os = "linux")]
            let proxies = proxies::follow(app);
            let attendant = Attendant::new(app);
            tauri::async_runtime::spawn(async move {
                // Else a download that goes on from the last time would not go where the person wants it to.
                #[cfg(target_os = "linux")]
                proxies::tell(attendant.manager(), proxies).await;
                attendant.attend().await;
            });
            if let Some(updates) = plan.updates {
                tauri::async_runtime::spawn(updates::watch(app.clone(), updates));
            }
            if hidden {
                let (app, is_seen) = (app.clone(), tray::is_seen_soon(app));
                tauri::async_runtime::spawn(async move {
                    if !is_seen.await {
                        come(&app);
                    }
                });
            }
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run(heed);
    Ok(())
}

/// What follows from what the window system says.
fn heed(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::WindowEvent {
            event: WindowEvent::Destroyed,
            ..
        } => {
            app.state::<Audience>().replace(None);
            app.state::<Errands>().leave();
            dialogs::close();
            app.state::<Copied>().looked_at(false);
            rest::soon(app);
        }
        RunEvent::WindowEvent {
            event: WindowEvent::Focused(is_looked_at),
            ..
        } => app.state::<Copied>().looked_at(is_looked_at),
        RunEvent::WindowEvent {
            event: WindowEvent::ThemeChanged(theme),
            ..
        } => window::lay_anew(app, theme),
        RunEvent::WindowEvent {
            event: WindowEvent::Moved(_) | WindowEvent::Resized(_),
            ..
        } => place::keep_soon(app),
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } => {
            place::keep(app);
            if leaving::asks(app) {
                api.prevent_close();
            }
        }
        // The last window was closed. Downloads go on where the person can find them again, or said that they shall.
        RunEvent::ExitRequested { code: None, api, .. }
            if app.state::<Leaving>().goes_on() || tray::is_seen(app) =>
        {
            api.prevent_exit();
            app.state::<Leaving>().is_alone();
        }
        RunEvent::ExitRequested { .. } => place::keep(app),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => come(app),
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            brought::bring(app, urls);
            come(app);
        }
        RunEvent::Exit => {
            app.state::<Audience>().replace(None);
            tauri::async_runtime::block_on(app.state::<Works>().end());
        }
        _ => {}
    }
}

/// Shows the window to whoever started the program once more, or asks for it otherwise.
async fn come_when_rung(app: AppHandle, mut rings: mpsc::Receiver<Summons>) {
    while let Some(summons) = rings.recv().await {
        let Summons {
            text,
            unread,
            hidden,
            mark,
        } = summons;
        app.state::<Errands>().bring(Brought { text, unread });
        if hidden {
            continue;
        }
        come(&app);
        if let Some(mark) = mark {
            front::bring(&app, mark);
        }
    }
}

/// Shows the window.
pub(crate) fn come(app: &AppHandle) {
    if let Err(error) = window::show(app) {
        tracing::error!(%error, "the window does not come");
    }
}

/// Ends the program when the page, another program or the system asks for it.
async fn end_when_asked(app: AppHandle) {
    let manager = app.state::<Works>().manager().clone();
    tokio::select! {
        () = manager.quit_requested() => {}
        () = signalled() => {}
    }
    app.exit(0);
}

/// Returns once the system, or a person in a terminal, asks the program to end.
#[cfg(unix)]
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Then the system's own way remains: the process ends, and the journal knows what is there.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Returns once a person in a terminal asks the program to end.
#[cfg(not(unix))]
async fn signalled() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
