//! What an address leads to, and what a text holds.

use std::sync::Arc;

use gannet_schema::{Candidate, DuplicateChoice, Failure, Probed, Reply, RequestOptions};

use super::add::{duplicate, known_addresses};
use crate::address::Address;
use crate::folders::Missing;
use crate::inner::Inner;
use crate::kinds::{category_of, file_kind};
use crate::links::{Found, read_links};
use crate::outcome::failure_of;
use crate::room::{Needs, unfinished};

/// Asks what an address leads to, and holds the answer open.
pub(super) async fn probe(inner: &Arc<Inner>, url: &str, options: RequestOptions) -> Result<Reply, Failure> {
    let address = Address::parse(url)?;
    let request = {
        let desk = inner.desk.lock().await;
        inner
            .network
            .request(address.full(), &options, &desk.settings, desk.proxy_url.as_ref())
            .map_err(|error| failure_of(&error))?
            // Somebody waits for the answer; a missing network is one too.
            .network_wait(Some(NETWORK_WAIT))
            .retry_for(PATIENCE)
    };
    let opened = request
        .probe(Arc::new(gannet_engine::Silent))
        .await
        .map_err(|error| failure_of(&error))?;
    let known = known_addresses(inner, std::slice::from_ref(&address), DuplicateChoice::Ask).await?;
    let (category, folder, queued) = {
        let desk = inner.desk.lock().await;
        let category = category_of(opened.name(), &desk.categories);
        let folder = inner.folder_for(&desk, category);
        (category, folder, unfinished(&desk))
    };
    let folder = inner.roots.find(&folder)?;
    let name = opened.name().to_owned();
    let looked = tokio::task::spawn_blocking({
        let (folder, name, roots) = (folder.clone(), name.clone(), inner.roots.clone());
        move || {
            let taken = folder
                .open(Missing::Refuse)
                .and_then(|open| open.exists(&name))
                .unwrap_or(false);
            let nearest = folder.open_nearest();
            let needed_bytes = nearest
                .as_ref()
                .map_or(0, |open| Needs::of(&roots, &queued).on_disk_of(open));
            (taken, nearest.and_then(|open| open.free_bytes()), needed_bytes)
        }
    });
    let (name_taken, free_bytes, needed_bytes) = looked.await.unwrap_or_default();
    let probed = Probed {
        length: opened.length(),
        file_kind: file_kind(&name),
        media_type: opened.media_type(),
        resumable: opened.is_resumable(),
        host: shown_host(&opened.host()),
        category,
        folder: folder.text(),
        free_bytes,
        needed_bytes,
        digest: opened.digest(),
        name_taken,
        duplicates: known.values().map(|entry| duplicate(&address, entry)).collect(),
        name,
        ticket: inner.probes.hold(&address, opened),
    };
    Ok(Reply::Probed {
        probed: Box::new(probed),
    })
}

/// A probe is given up after this: a person waits for it.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
const NETWORK_WAIT: std::time::Duration = std::time::Duration::from_secs(2);

/// Without the port where that is the usual one.
fn shown_host(authority: &str) -> String {
    authority
        .strip_suffix(":443")
        .or_else(|| authority.strip_suffix(":80"))
        .unwrap_or(authority)
        .to_owned()
}

/// Finds addresses in a text.
pub(super) async fn links(inner: &Arc<Inner>, text: String) -> Result<Reply, Failure> {
    let found = tokio::task::spawn_blocking(move || read_links(&text))
        .await
        .map_err(|error| Failure::new(gannet_schema::FailureCode::Internal, error.to_string()))?;
    let addresses: Vec<Option<Address>> = found
        .iter()
        .map(|found| match found {
            Found::File(file) => Address::parse(file.url.as_str()).ok(),
            Found::Refused(_) => None,
        })
        .collect();
    let asked: Vec<Address> = addresses.iter().flatten().cloned().collect();
    let known = known_addresses(inner, &asked, DuplicateChoice::Ask).await?;
    let candidates = found
        .into_iter()
        .zip(addresses)
        .map(|(found, address)| match found {
            Found::Refused(refusal) => Candidate::Refused {
                text: refusal.text,
                failure: refusal.failure,
            },
            Found::File(mut file) => {
                let duplicate =
                    address.and_then(|address| Some(duplicate(&address, known.get(&address.digest())?)));
                let pieces = file.pieces.take().map(|pieces| inner.pieces.remember(pieces));
                Candidate::Link {
                    link: Box::new(file.into_link(pieces, duplicate)),
                }
            }
        })
        .collect();
    Ok(Reply::Links { candidates })
}
