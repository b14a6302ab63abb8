//! How it begins on a phone: one window, which is the whole screen, and the folders that the system gives to a program.

use std::error::Error;

use gannet_server::Bell;
use tauri::{App, AppHandle, Manager as _, RunEvent, WindowEvent};

use crate::commands::{self, Audience};
use crate::errands::Errands;
use crate::plan::Plan;
use crate::works::Works;
use crate::{brought, log, window};

/// What is downloaded lies here, where the system names no folder for that.
const DOWNLOADS: &str = "downloads";

/// Where the system begins.
#[tauri::mobile_entry_point]
fn begin() {
    log::to_stderr(false);
    let built = tauri::Builder::default()
        .manage(Errands::default())
        .manage(Audience::default())
        .invoke_handler(tauri::generate_handler![
            commands::execute,
            commands::subscribe,
            commands::say,
            commands::heard,
            commands::attend,
            commands::attended,
            commands::keep_draft
        ])
        .setup(|app| set_up(app))
        .build(tauri::generate_context!());
    match built {
        Ok(app) => app.run(heed),
        Err(error) => tracing::error!(%error, "Gannet cannot start"),
    }
}

fn set_up(app: &mut App) -> Result<(), Box<dyn Error>> {
    let app = app.handle();
    let data = app.path().app_local_data_dir()?;
    let downloads = app.path().download_dir().unwrap_or_else(|_| data.join(DOWNLOADS));
    let plan = Plan::with(data, vec![downloads]);
    let works = tauri::async_runtime::block_on(async {
        let works = Works::begin(&plan, Bell::new().0).await?;
        works.manager().give_turns().await;
        Ok::<_, Box<dyn Error>>(works)
    })?;
    app.manage(works);
    window::show(app)?;
    Ok(())
}

fn heed(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::WindowEvent {
            event: WindowEvent::Destroyed,
            ..
        } => {
            app.state::<Audience>().replace(None);
            app.state::<Errands>().leave();
        }
        RunEvent::Opened { urls } => brought::bring(app, urls),
        RunEvent::Exit => {
            app.state::<Audience>().replace(None);
            tauri::async_runtime::block_on(app.state::<Works>().end());
        }
        _ => {}
    }
}
