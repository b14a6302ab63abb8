//! The menu above all windows, on systems that have one. Elsewhere the window's own buttons and keys are the menu.

use gannet_schema::Language;
use tauri::menu::{AboutMetadata, Menu, MenuEvent, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Manager as _, Wry};

use crate::come;
use crate::errands::{Errand, Errands};
use crate::words::Words;

/// Sets it, where there is a place for it.
pub(crate) fn set(app: &AppHandle, language: Language) -> tauri::Result<()> {
    if cfg!(target_os = "macos") {
        app.set_menu(build(app, Words::of(language))?)?;
        app.on_menu_event(|app, event| chosen(app, &event));
    }
    Ok(())
}

fn build(app: &AppHandle, words: &Words) -> tauri::Result<Menu<Wry>> {
    let names = words.menu();
    let item = |id: &str, text: &str, keys: &str| MenuItem::with_id(app, id, text, true, Some(keys));
    let line = || PredefinedMenuItem::separator(app);
    let about = PredefinedMenuItem::about(app, None, Some(AboutMetadata::default()))?;
    let settings = item("menu:settings", &names.settings, "Cmd+,")?;
    let program = Submenu::with_items(
        app,
        "Gannet",
        true,
        &[
            &about,
            &line()?,
            &settings,
            &line()?,
            &PredefinedMenuItem::services(app, None)?,
            &line()?,
            &PredefinedMenuItem::hide(app, None)?,
            &PredefinedMenuItem::hide_others(app, None)?,
            &PredefinedMenuItem::show_all(app, None)?,
            &line()?,
            &PredefinedMenuItem::quit(app, Some(&words.tray().quit))?,
        ],
    )?;
    let add = item("menu:add", &names.add, "Cmd+N")?;
    let paste = item("menu:paste", &names.paste, "Cmd+Shift+V")?;
    let file = Submenu::with_items(
        app,
        &names.file,
        true,
        &[
            &add,
            &paste,
            &line()?,
            &PredefinedMenuItem::close_window(app, None)?,
        ],
    )?;
    // Without these no field takes the keys for them.
    let edit = Submenu::with_items(
        app,
        &names.edit,
        true,
        &[
            &PredefinedMenuItem::undo(app, None)?,
            &PredefinedMenuItem::redo(app, None)?,
            &line()?,
            &PredefinedMenuItem::cut(app, None)?,
            &PredefinedMenuItem::copy(app, None)?,
            &PredefinedMenuItem::paste(app, None)?,
            &PredefinedMenuItem::select_all(app, None)?,
        ],
    )?;
    let window = Submenu::with_items(
        app,
        &names.window,
        true,
        &[
            &PredefinedMenuItem::minimize(app, None)?,
            &PredefinedMenuItem::maximize(app, None)?,
            &PredefinedMenuItem::fullscreen(app, None)?,
        ],
    )?;
    Menu::with_items(app, &[&program, &file, &edit, &window])
}

fn chosen(app: &AppHandle, event: &MenuEvent) {
    let errand = match event.id().as_ref() {
        "menu:add" => Errand::Add { text: String::new() },
        "menu:paste" => Errand::Paste,
        "menu:settings" => Errand::Settings,
        _ => return,
    };
    app.state::<Errands>().tell(errand);
    come(app);
}
