//! The menu above all windows, on systems that have one. Elsewhere the window's own buttons and keys are the menu.

use gannet_schema::Language;
use tauri::menu::{AboutMetadata, Menu, MenuEvent, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Manager as _, Wry};

use crate::desktop::come;
use crate::errands::{Errand, Errands};
use crate::words::Words;

/// Does what is chosen in it, from now on.
pub(crate) fn heed(app: &AppHandle) {
    if cfg!(target_os = "macos") {
        app.on_menu_event(|app, event| chosen(app, &event));
    }
}

/// Sets it, where there is a place for it.
pub(crate) fn set(app: &AppHandle, language: Language) -> tauri::Result<()> {
    if cfg!(target_os = "macos") {
        app.set_menu(build(app, Words::of(language))?)?;
    }
    Ok(())
}

fn build(app: &AppHandle, words: &Words) -> tauri::Result<Menu<Wry>> {
    let names = words.menu();
    let item = |id: &str, text: &str, keys: &str| MenuItem::with_id(app, id, text, true, Some(keys));
    let line = || PredefinedMenuItem::separator(app);
    let about = PredefinedMenuItem::about(app, Some(&names.about), Some(AboutMetadata::default()))?;
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
            &PredefinedMenuItem::services(app, Some(&names.services))?,
            &line()?,
            &PredefinedMenuItem::hide(app, Some(&names.hide))?,
            &PredefinedMenuItem::hide_others(app, Some(&names.hide_others))?,
            &PredefinedMenuItem::show_all(app, Some(&names.show_all))?,
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
            &PredefinedMenuItem::close_window(app, Some(&names.close))?,
        ],
    )?;
    // Without these no field takes the keys for them.
    let edit = Submenu::with_items(
        app,
        &names.edit,
        true,
        &[
            &PredefinedMenuItem::undo(app, Some(&names.undo))?,
            &PredefinedMenuItem::redo(app, Some(&names.redo))?,
            &line()?,
            &PredefinedMenuItem::cut(app, Some(&names.cut))?,
            &PredefinedMenuItem::copy(app, Some(&names.copy))?,
            &PredefinedMenuItem::paste(app, Some(&names.paste_text))?,
            &PredefinedMenuItem::select_all(app, Some(&names.select_all))?,
        ],
    )?;
    let window = Submenu::with_items(
        app,
        &names.window,
        true,
        &[
            &PredefinedMenuItem::minimize(app, Some(&names.minimize))?,
            &PredefinedMenuItem::maximize(app, Some(&names.zoom))?,
            &PredefinedMenuItem::fullscreen(app, Some(&names.fullscreen))?,
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
