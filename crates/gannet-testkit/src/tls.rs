//! Certificates for an origin on the loopback, made anew each time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

/// What an origin shows by TLS, and asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsManners {
    /// What it shows.
    pub shows: Shows,
    /// What it asks of its clients.
    pub asks: Asks,
    /// Which of its connections lead to a node that shows what nobody can trust.
    pub broken: BrokenNode,
}

/// Which connections, counted from 1, lead to a node of a network of servers whose certificate is a stranger's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BrokenNode {
    /// None.
    #[default]
    None,
    /// Each n-th.
    Every(u64),
    /// All after the n-th.
    After(u64),
}

impl BrokenNode {
    fn is_at(self, connection: u64) -> bool {
        match self {
            Self::None => false,
            Self::Every(nth) => connection.is_multiple_of(nth.max(1)),
            Self::After(last) => connection > last,
        }
    }
}

/// The certificate that an origin shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shows {
    /// One that the authority in [`Origin::ca_pem`](crate::Origin::ca_pem) gave it.
    #[default]
    Issued,
    /// One that it signed itself and that calls itself an authority, as `openssl req -x509` makes them. It is what
    /// [`Origin::ca_pem`](crate::Origin::ca_pem) gives.
    SelfSigned,
    /// As [`Shows::SelfSigned`], and out of date since 2001.
    SelfSignedAndExpired,
}

/// Whether an origin wants to know its clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asks {
    /// It serves everybody.
    #[default]
    Nothing,
    /// It serves those who show a certificate of its authority, as
    /// [`Origin::client_pem`](crate::Origin::client_pem) gives it.
    ClientCertificate,
}

/// What a TLS port needs, and what its clients need to trust it.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) ca_pem: String,
    /// A client's certificate and its key.
    pub(crate) client_pem: String,
    config: ServerConfig,
    broken: BrokenNode,
    broken_config: ServerConfig,
}

/// How many authorities this process has made.
static AUTHORITIES: AtomicU64 = AtomicU64::new(1);

type AnyError = Box<dyn std::error::Error + Send + Sync>;

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl Identity {
    /// A fresh authority and a certificate for `localhost`, `127.0.0.1` and `::1`.
    ///
    /// # Errors
    /// What key generation or rustls say.
    pub(crate) fn generate(manners: TlsManners) -> Result<Self, AnyError> {
        let authority = authority()?;
        let (client, client_key) = client(&authority)?;
        let key = KeyPair::generate()?;
        let certificate = match manners.shows {
            Shows::Issued => {
                let mut leaf = named("Test origin")?;
                leaf.use_authority_key_identifier_extension = true;
                leaf.signed_by(&key, &authority)?
            }
            Shows::SelfSigned | Shows::SelfSignedAndExpired => self_signed(manners.shows, &key)?,
        };
        let ca_pem = match manners.shows {
            Shows::Issued => authority.pem(),
            Shows::SelfSigned | Shows::SelfSignedAndExpired => certificate.pem(),
        };
        let config = |certificate: &Certificate, key: &KeyPair| {
            config((certificate, key), manners.asks, authority.der())
        };
        let stranger_key = KeyPair::generate()?;
        let stranger = self_signed(Shows::SelfSigned, &stranger_key)?;
        Ok(Self {
            ca_pem,
            client_pem: client.pem() + &client_key.serialize_pem(),
            config: config(&certificate, &key)?,
            broken: manners.broken,
            broken_config: config(&stranger, &stranger_key)?,
        })
    }

    /// What a connection meets, by its number from 1, where these are the `protocols` that are spoken.
    pub(crate) fn acceptor_of(&self, connection: u64, protocols: &[&[u8]]) -> TlsAcceptor {
        let mut config = if self.broken.is_at(connection) {
            self.broken_config.clone()
        } else {
            self.config.clone()
        };
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

fn config(
    (certificate, key): (&Certificate, &KeyPair),
    asks: Asks,
    authority: &CertificateDer<'static>,
) -> Result<ServerConfig, AnyError> {
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let builder = match asks {
        Asks::Nothing => builder.with_no_client_auth(),
        Asks::ClientCertificate => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.clone())?;
            let roots = Arc::new(roots);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build()?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    Ok(builder.with_single_cert(vec![certificate.der().clone()], private)?)
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, AnyError> {
    // Names tell authorities apart: one is not to be taken for another whose signature is wrong.
    let name = format!(
        "Test origin authority {}",
        AUTHORITIES.fetch_add(1, Ordering::Relaxed)
    );
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?)
}

fn client(authority: &CertifiedIssuer<'static, KeyPair>) -> Result<(Certificate, KeyPair), AnyError> {
    let key = KeyPair::generate()?;
    let mut client = CertificateParams::new(Vec::new())?;
    client.distinguished_name.push(DnType::CommonName, "Test client");
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok((client.signed_by(&key, authority)?, key))
}

fn self_signed(shows: Shows, key: &KeyPair) -> Result<Certificate, AnyError> {
    let mut leaf = named("Test origin of its own")?;
    leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    if shows == Shows::SelfSignedAndExpired {
        leaf.not_before = date_time_ymd(2000, 1, 1);
        leaf.not_after = date_time_ymd(2001, 1, 1);
    }
    Ok(leaf.self_signed(key)?)
}

fn named(common_name: &str) -> Result<CertificateParams, AnyError> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut leaf = CertificateParams::new(names)?;
    leaf.distinguished_name.push(DnType::CommonName, common_name);
    Ok(leaf)
}
