//! Files that are asked for where no page is: in the tray, or from a notification. What comes of it the page says.

use gannet_schema::DownloadId;
use tauri::{AppHandle, Manager as _};

use crate::desktop::come;
use crate::errands::{Errand, Errands};
use crate::files::{self, Handed, Handing};

/// Hands the file of a download to the system. Where that cannot be, the window comes and says why.
pub(crate) fn hand(app: &AppHandle, id: DownloadId, handing: Handing) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let handed = files::hand(&app, id, handing).await;
        if let Some(errand) = errand(handed) {
            app.state::<Errands>().tell(errand);
            come(&app);
        }
    });
}

/// What is to be said of it.
const fn errand(handed: Handed) -> Option<Errand> {
    match handed {
        Handed::Done | Handed::Shown => None,
        Handed::Missing => Some(Errand::FileMissing),
        Handed::Refused => Some(Errand::FileRefused),
    }
}
