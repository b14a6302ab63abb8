//! What goes on whether there is a window or not: the manager, and the loopback API through which `gannet add` and
//! other programs reach it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use gannet_manager::{Manager, OpenError};
use gannet_server::{Bell, ServeError, Server};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::plan::Plan;

/// How long everything may take to end: who quits a window does not wait for it, and a system that shuts down hardly.
const END_WITHIN: Duration = Duration::from_millis(1900);
/// How much of that transfers have to sync their journals; the store is closed in the rest.
const SYNCED_WITHIN: Duration = Duration::from_millis(1500);

/// The manager at work.
#[derive(Debug)]
pub(crate) struct Works {
    manager: Manager,
    /// Turns true when the API is to end.
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Works {
    /// Opens the store and goes on with whatever ran.
    ///
    /// # Errors
    /// [`OpenError::Busy`] where another program owns the store.
    pub(crate) async fn begin(plan: &Plan, bell: Bell) -> Result<Self, OpenError> {
        let manager = Manager::open(plan.manager.clone()).await?;
        let (stop, mut stopped) = watch::channel(false);
        let server = serve(&manager, plan, bell).await;
        let serving = tokio::spawn(async move {
            match server {
                Ok(server) => {
                    server
                        .run(async move {
                            // Where nobody can say it any more, it is time too.
                            let _ = stopped.wait_for(|stop| *stop).await;
                        })
                        .await;
                }
                // The window works without; only other programs do not find it.
                Err(error) => tracing::warn!(%error, "`gannet add` will not find this window"),
            }
        });
        Ok(Self {
            manager,
            stop,
            serving,
        })
    }

    /// The door to everything.
    pub(crate) fn manager(&self) -> &Manager {
        &self.manager
    }

    /// Stops everything, with journals synced. What ran goes on at the next start.
    pub(crate) async fn end(&self) {
        self.stop.send_replace(true);
        let all = async {
            self.manager.close_within(SYNCED_WITHIN).await;
            while !self.serving.is_finished() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if tokio::time::timeout(END_WITHIN, all).await.is_err() {
            tracing::warn!("not everything ended in time; nothing is lost by that, the next start goes on");
        }
    }
}

/// The API without the page, on its usual port or, where that is taken, on any.
async fn serve(manager: &Manager, plan: &Plan, bell: Bell) -> Result<Server, ServeError> {
    let mut options = plan.serve.clone();
    options.window = Some(bell);
    match Server::bind(manager.clone(), options.clone()).await {
        Err(ServeError::Listen { source, .. }) if source.kind() == io::ErrorKind::AddrInUse => {
            options.listen = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
            Server::bind(manager.clone(), options).await
        }
        bound => bound,
    }
}

#[cfg(test)]
mod tests {
    use gannet_schema::{Command, Reply};
    use gannet_server::find_owner;

    use super::*;

    #[tokio::test]
    async fn other_programs_find_the_window_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::beneath(&folder);
        let works = Works::begin(&plan, Bell::new().0).await.unwrap();
        let owner = find_owner(plan.data()).unwrap().expect("it is announced");
        assert_eq!(owner.pid, std::process::id());
        assert_eq!(works.manager().execute(Command::PauseAll).await, Reply::Done);
        works.end().await;
        assert_eq!(find_owner(plan.data()).unwrap(), None);
    }

    #[tokio::test]
    async fn a_list_that_another_program_holds_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::beneath(&folder);
        let works = Works::begin(&plan, Bell::new().0).await.unwrap();
        assert!(matches!(
            Works::begin(&plan, Bell::new().0).await,
            Err(OpenError::Busy { .. })
        ));
        works.end().await;
        Works::begin(&plan, Bell::new().0).await.unwrap().end().await;
    }
}
