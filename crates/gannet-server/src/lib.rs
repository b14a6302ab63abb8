//! The manager over HTTP: `POST /api/command`, `GET /api/events` (WebSocket), and the page in a browser. Where the list has
//! a window of its own instead, `POST /api/window` asks for that.
//!
//! Every request passes two doors. The first (`guard`) asks where it believes to be: exact allow-lists of hosts and
//! origins ([`Site`]) keep out pages of other sites, whatever name they bound to this address. The second (`auth`)
//! asks who sends it: a program shows the token, a browser a session that it got for a login link. Whatever could be
//! too many or too slow has its bound in [`Limits`].
//!
//! ```no_run
//! # async fn example(manager: gannet_manager::Manager) -> Result<(), gannet_server::ServeError> {
//! let options = gannet_server::ServeOptions::new("data".into());
//! let server = gannet_server::Server::bind(manager, options).await?;
//! println!("{}", server.login_link()?);
//! server.run(std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

mod auth;
mod command;
mod config;
mod error;
mod events;
mod guard;
mod house;
mod limits;
mod login;
mod message_writer;
#[cfg(feature = "page")]
mod page;
mod private_file;
mod random;
mod rate;
mod routes;
mod runtime;
mod server;
mod site;
mod time;
mod window;

pub use auth::{TOKEN_FILE_NAME, read_token};
pub use config::{Config, ConfigError, Updates};
pub use error::ServeError;
pub use limits::{Limits, Rate};
pub use login::LoginLink;
#[cfg(feature = "page")]
pub use page::is_built as page_is_built;
pub use private_file::replace as replace_private_file;
pub use runtime::{Announcement, Owner, find_owner};
pub use server::{Page, ServeOptions, Server};
pub use site::{ParseSiteError, Site};
pub use window::{Bell, Summons, Unread, WhyUnread};
